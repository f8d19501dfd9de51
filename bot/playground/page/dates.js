// Slack's date tokens, message times and day names, in the user's time zone and relative to the playground's clock.

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
const written = new Map();

/** Returns a date in the user's language; null for English, which has Slack's own format. */
function inLanguage(epoch, zone, style, options) {
  const locale = zone.locale ?? "en";
  if (locale.startsWith("en")) return null;
  const key = `${locale} ${zone.tz} ${style}`;
  if (!written.has(key)) {
    try {
      written.set(key, new Intl.DateTimeFormat(locale, { ...options, timeZone: zone.tz || "UTC" }));
    } catch {
      written.set(key, null);
    }
  }
  return written.get(key)?.format(new Date(epoch * 1000)) ?? null;
}

const relative = (zone, count, unit, numeric = "always") => new Intl.RelativeTimeFormat(zone.locale, { numeric }).format(count, unit);
const isEnglish = (zone) => (zone.locale ?? "en").startsWith("en");
const pad = (number) => String(number).padStart(2, "0");

function ordinal(day) {
  const tail = day % 100 >= 11 && day % 100 <= 13 ? "th" : ["th", "st", "nd", "rd"][day % 10] ?? "th";
  return `${day}${tail}`;
}

/** Returns the days since 1970 in the zone, so that two moments compare as calendar days. */
export function dayNumber(epoch, zone) {
  const p = parts(epoch, zone);
  return Math.round(Date.UTC(p.year, p.month - 1, p.day) / 86400000);
}

function near(epoch, zone, now, otherwise) {
  const distance = dayNumber(epoch, zone) - dayNumber(now, zone);
  if (Math.abs(distance) > 1) return otherwise;
  return isEnglish(zone) ? ["yesterday", "today", "tomorrow"][distance + 1] : relative(zone, distance, "day", "auto");
}

const plural = (n, unit) => `${n} ${unit}${n === 1 ? "" : "s"}`;
const STEPS = [[60, 1, "second"], [3600, 60, "minute"], [86400, 3600, "hour"], [86400 * 30, 86400, "day"], [86400 * 365, 86400 * 30, "month"], [Infinity, 86400 * 365, "year"]];

function measured(seconds) {
  const distance = Math.abs(seconds);
  const [, size, unit] = STEPS.find(([limit]) => distance < limit);
  return [Math.max(1, Math.floor(distance / size)), unit];
}

export function ago(epoch, now, zone = {}) {
  const [count, unit] = measured(now - epoch);
  if (!isEnglish(zone)) return relative(zone, epoch <= now ? -count : count, unit);
  if (Math.abs(now - epoch) < 5) return "just now";
  return epoch <= now ? `${plural(count, unit)} ago` : `in ${plural(count, unit)}`;
}

export const time = (epoch, zone) => { const p = parts(epoch, zone); return `${p.hour}:${p.minute}`; };
export const shortDay = (epoch, zone) => {
  const p = parts(epoch, zone);
  return inLanguage(epoch, zone, "shortDay", { weekday: "short", day: "numeric", month: "short" }) ?? `${p.weekday.slice(0, 3)} ${p.day} ${month(p).slice(0, 3)}`;
};

const DAY = { day: "numeric", month: "long" };
const long = (e, p, zone) => inLanguage(e, zone, "long", { ...DAY, weekday: "long", year: "numeric" }) ?? `${p.weekday}, ${month(p)} ${ordinal(p.day)}, ${p.year}`;
const plain = (e, p, zone) => inLanguage(e, zone, "plain", { ...DAY, year: "numeric" }) ?? `${month(p)} ${ordinal(p.day)}, ${p.year}`;
const short = (e, p, zone) => inLanguage(e, zone, "short", { day: "numeric", month: "short", year: "numeric" }) ?? `${month(p).slice(0, 3)} ${p.day}, ${p.year}`;

export function dayName(epoch, zone, now) {
  const p = parts(epoch, zone);
  const thisYear = p.year === parts(now, zone).year;
  const day = inLanguage(epoch, zone, `day ${thisYear}`, { ...DAY, weekday: "long", year: thisYear ? undefined : "numeric" });
  const name = near(epoch, zone, now, day ?? `${p.weekday}, ${month(p)} ${ordinal(p.day)}${thisYear ? "" : `, ${p.year}`}`);
  return name[0].toUpperCase() + name.slice(1);
}

const TOKENS = {
  date_num: (e, p) => `${p.year}-${pad(p.month)}-${pad(p.day)}`,
  date_slash: (e, p, zone) => inLanguage(e, zone, "slash", { day: "2-digit", month: "2-digit", year: "numeric" }) ?? `${pad(p.month)}/${pad(p.day)}/${p.year}`,
  date: plain,
  date_short: short,
  date_long: long,
  date_long_full: long,
  date_pretty: (e, p, zone, now) => near(e, zone, now, plain(e, p, zone)),
  date_short_pretty: (e, p, zone, now) => near(e, zone, now, short(e, p, zone)),
  date_long_pretty: (e, p, zone, now) => near(e, zone, now, long(e, p, zone)),
  day_divider_pretty: (e, p, zone, now) => dayName(e, zone, now),
  time: (e, p) => `${p.hour}:${p.minute}`,
  time_secs: (e, p) => `${p.hour}:${p.minute}:${p.second}`,
  ago: (e, p, zone, now) => ago(e, now, zone),
};

/** Replaces the tokens of Slack's format string; unknown tokens stay. */
export function formatted(epoch, format, zone, now) {
  const p = parts(epoch, zone);
  return format.replace(/\{(\w+)\}/g, (token, name) => TOKENS[name]?.(epoch, p, zone, now) ?? token);
}

const iso = (epoch) => { try { return new Date(epoch * 1000).toISOString(); } catch { return null; } };

/** Returns a <time> element that `refresh` updates when the clock is moved. */
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
