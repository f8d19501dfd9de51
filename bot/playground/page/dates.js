// Slack's date tokens, message times and day names: each in one person's time zone, relative to the playground's clock.

import { h } from "./dom.js";

const formats = new Map();

function parts(epoch, zone) {
  let format = formats.get(zone.tz);
  if (!format) {
    const options = { hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", weekday: "long", hour: "2-digit", minute: "2-digit", second: "2-digit" };
    try {
      format = new Intl.DateTimeFormat("en-US", { ...options, timeZone: zone.tz || "UTC" });
    } catch {
      format = new Intl.DateTimeFormat("en-US", { ...options, timeZone: "UTC" });
      format.shift = zone.tz_offset ?? 0;
    }
    formats.set(zone.tz, format);
  }
  const moment = new Date((epoch + (format.shift ?? 0)) * 1000);
  return Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]));
}

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const month = (p) => MONTHS[p.month - 1];
const pad = (number) => String(number).padStart(2, "0");

function ordinal(day) {
  const tail = day % 100 >= 11 && day % 100 <= 13 ? "th" : ["th", "st", "nd", "rd"][day % 10] ?? "th";
  return `${day}${tail}`;
}

/** Counts days since 1970 in the zone, so that two moments compare as calendar days. */
export function dayNumber(epoch, zone) {
  const p = parts(epoch, zone);
  return Math.round(Date.UTC(p.year, p.month - 1, p.day) / 86400000);
}

function near(epoch, zone, now, otherwise) {
  const distance = dayNumber(epoch, zone) - dayNumber(now, zone);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[distance] ?? otherwise;
}

const plural = (n, unit) => `${n} ${unit}${n === 1 ? "" : "s"}`;
const STEPS = [[60, 1, "second"], [3600, 60, "minute"], [86400, 3600, "hour"], [86400 * 30, 86400, "day"], [86400 * 365, 86400 * 30, "month"], [Infinity, 86400 * 365, "year"]];

export function span(seconds) {
  const distance = Math.abs(seconds);
  const [, size, unit] = STEPS.find(([limit]) => distance < limit);
  return plural(Math.max(1, Math.floor(distance / size)), unit);
}

export function ago(epoch, now) {
  if (Math.abs(now - epoch) < 5) return "just now";
  return epoch <= now ? `${span(now - epoch)} ago` : `in ${span(epoch - now)}`;
}

export const time = (epoch, zone) => { const p = parts(epoch, zone); return `${p.hour}:${p.minute}`; };
export const shortDay = (epoch, zone) => { const p = parts(epoch, zone); return `${p.weekday.slice(0, 3)} ${p.day} ${month(p).slice(0, 3)}`; };

const long = (p) => `${p.weekday}, ${month(p)} ${ordinal(p.day)}, ${p.year}`;
const plain = (p) => `${month(p)} ${ordinal(p.day)}, ${p.year}`;
const short = (p) => `${month(p).slice(0, 3)} ${p.day}, ${p.year}`;

export function dayName(epoch, zone, now) {
  const p = parts(epoch, zone);
  const name = near(epoch, zone, now, `${p.weekday}, ${month(p)} ${ordinal(p.day)}${p.year === parts(now, zone).year ? "" : `, ${p.year}`}`);
  return name[0].toUpperCase() + name.slice(1);
}

const TOKENS = {
  date_num: (e, p) => `${p.year}-${pad(p.month)}-${pad(p.day)}`,
  date_slash: (e, p) => `${pad(p.month)}/${pad(p.day)}/${p.year}`,
  date: (e, p) => plain(p),
  date_short: (e, p) => short(p),
  date_long: (e, p) => long(p),
  date_long_full: (e, p) => long(p),
  date_pretty: (e, p, zone, now) => near(e, zone, now, plain(p)),
  date_short_pretty: (e, p, zone, now) => near(e, zone, now, short(p)),
  date_long_pretty: (e, p, zone, now) => near(e, zone, now, long(p)),
  day_divider_pretty: (e, p, zone, now) => dayName(e, zone, now),
  time: (e, p) => `${p.hour}:${p.minute}`,
  time_secs: (e, p) => `${p.hour}:${p.minute}:${p.second}`,
  ago: (e, p, zone, now) => ago(e, now),
};

/** Slack's format string with its tokens replaced; braces around unknown words stay. */
export function formatted(epoch, format, zone, now) {
  const p = parts(epoch, zone);
  return format.replace(/\{(\w+)\}/g, (token, name) => TOKENS[name]?.(epoch, p, zone, now) ?? token);
}

const iso = (epoch) => { try { return new Date(epoch * 1000).toISOString(); } catch { return null; } };

/** A <time> that `refresh` keeps true when the clock is moved. */
export function timeNode(epoch, format, zone, now, fallback) {
  const moment = iso(epoch);
  if (!moment) return h("span", {}, fallback ?? "");
  return h("time", { datetime: moment, title: formatted(epoch, "{date_long}, {time}", zone, now) + ` (${zone.tz})`, data: { format } },
    formatted(epoch, format, zone, now));
}

export function refresh(root, zone, now) {
  for (const node of root.querySelectorAll("time[data-format]")) {
    const text = formatted(Date.parse(node.dateTime) / 1000, node.dataset.format, zone, now);
    if (node.textContent !== text) node.textContent = text;
  }
}
