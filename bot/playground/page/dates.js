// Slack's date tokens, message times and day names, in the user's time zone and relative to the playground's clock.

import { h } from "./dom.js";

const formats = new Map();

function dateParts(epoch, zone) {
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
const monthName = (p) => MONTHS[p.month - 1];
const localFormats = new Map();

/** Returns a date in the user's language; null for English, which has Slack's own format. */
function formatInLanguage(epoch, zone, style, options) {
  const locale = zone.locale ?? "en";
  if (locale.startsWith("en")) return null;
  const key = `${locale} ${zone.tz} ${style}`;
  if (!localFormats.has(key)) {
    try {
      localFormats.set(key, new Intl.DateTimeFormat(locale, { ...options, timeZone: zone.tz || "UTC" }));
    } catch {
      localFormats.set(key, null);
    }
  }
  return localFormats.get(key)?.format(new Date(epoch * 1000)) ?? null;
}

const formatRelative = (zone, count, unit, numeric = "always") => new Intl.RelativeTimeFormat(zone.locale, { numeric }).format(count, unit);
const isEnglish = (zone) => (zone.locale ?? "en").startsWith("en");
const padTwo = (number) => String(number).padStart(2, "0");

function ordinal(day) {
  const suffix = day % 100 >= 11 && day % 100 <= 13 ? "th" : ["th", "st", "nd", "rd"][day % 10] ?? "th";
  return `${day}${suffix}`;
}

/** Returns the days since 1970 in the zone, so that two moments compare as calendar days. */
export function dayNumber(epoch, zone) {
  const p = dateParts(epoch, zone);
  return Math.round(Date.UTC(p.year, p.month - 1, p.day) / 86400000);
}

function nameNearDay(epoch, zone, now, otherwise) {
  const distance = dayNumber(epoch, zone) - dayNumber(now, zone);
  if (Math.abs(distance) > 1) return otherwise;
  return isEnglish(zone) ? ["yesterday", "today", "tomorrow"][distance + 1] : formatRelative(zone, distance, "day", "auto");
}

const countUnits = (n, unit) => `${n} ${unit}${n === 1 ? "" : "s"}`;
const UNITS = [[60, 1, "second"], [3600, 60, "minute"], [86400, 3600, "hour"], [86400 * 30, 86400, "day"], [86400 * 365, 86400 * 30, "month"], [Infinity, 86400 * 365, "year"]];

function measureDuration(seconds) {
  const distance = Math.abs(seconds);
  const [, size, unit] = UNITS.find(([limit]) => distance < limit);
  return [Math.max(1, Math.floor(distance / size)), unit];
}

export function ago(epoch, now, zone = {}) {
  const [count, unit] = measureDuration(now - epoch);
  if (!isEnglish(zone)) return formatRelative(zone, epoch <= now ? -count : count, unit);
  if (Math.abs(now - epoch) < 5) return "just now";
  return epoch <= now ? `${countUnits(count, unit)} ago` : `in ${countUnits(count, unit)}`;
}

export const time = (epoch, zone) => { const p = dateParts(epoch, zone); return `${p.hour}:${p.minute}`; };
export const shortDay = (epoch, zone) => {
  const p = dateParts(epoch, zone);
  return formatInLanguage(epoch, zone, "shortDay", { weekday: "short", day: "numeric", month: "short" }) ?? `${p.weekday.slice(0, 3)} ${p.day} ${monthName(p).slice(0, 3)}`;
};

const DAY = { day: "numeric", month: "long" };
const formatLong = (e, p, zone) => formatInLanguage(e, zone, "long", { ...DAY, weekday: "long", year: "numeric" }) ?? `${p.weekday}, ${monthName(p)} ${ordinal(p.day)}, ${p.year}`;
const formatPlain = (e, p, zone) => formatInLanguage(e, zone, "plain", { ...DAY, year: "numeric" }) ?? `${monthName(p)} ${ordinal(p.day)}, ${p.year}`;
const formatShort = (e, p, zone) => formatInLanguage(e, zone, "short", { day: "numeric", month: "short", year: "numeric" }) ?? `${monthName(p).slice(0, 3)} ${p.day}, ${p.year}`;

export function dayName(epoch, zone, now) {
  const p = dateParts(epoch, zone);
  const thisYear = p.year === dateParts(now, zone).year;
  const day = formatInLanguage(epoch, zone, `day ${thisYear}`, { ...DAY, weekday: "long", year: thisYear ? undefined : "numeric" });
  const name = nameNearDay(epoch, zone, now, day ?? `${p.weekday}, ${monthName(p)} ${ordinal(p.day)}${thisYear ? "" : `, ${p.year}`}`);
  return name[0].toUpperCase() + name.slice(1);
}

const TOKENS = {
  date_num: (e, p) => `${p.year}-${padTwo(p.month)}-${padTwo(p.day)}`,
  date_slash: (e, p, zone) => formatInLanguage(e, zone, "slash", { day: "2-digit", month: "2-digit", year: "numeric" }) ?? `${padTwo(p.month)}/${padTwo(p.day)}/${p.year}`,
  date: formatPlain,
  date_short: formatShort,
  date_long: formatLong,
  date_long_full: formatLong,
  date_pretty: (e, p, zone, now) => nameNearDay(e, zone, now, formatPlain(e, p, zone)),
  date_short_pretty: (e, p, zone, now) => nameNearDay(e, zone, now, formatShort(e, p, zone)),
  date_long_pretty: (e, p, zone, now) => nameNearDay(e, zone, now, formatLong(e, p, zone)),
  day_divider_pretty: (e, p, zone, now) => dayName(e, zone, now),
  time: (e, p) => `${p.hour}:${p.minute}`,
  time_secs: (e, p) => `${p.hour}:${p.minute}:${p.second}`,
  ago: (e, p, zone, now) => ago(e, now, zone),
};

/** Replaces the tokens of Slack's format string; unknown tokens stay. */
export function formatDate(epoch, format, zone, now) {
  const p = dateParts(epoch, zone);
  return format.replace(/\{(\w+)\}/g, (token, name) => TOKENS[name]?.(epoch, p, zone, now) ?? token);
}

const toIso = (epoch) => { try { return new Date(epoch * 1000).toISOString(); } catch { return null; } };

/** Returns a <time> element that `refreshTimes` updates when the clock is moved. */
export function timeNode(epoch, format, zone, now, fallback) {
  const moment = toIso(epoch);
  if (!moment) return h("span", {}, fallback ?? "");
  return h("time", { datetime: moment, title: formatDate(epoch, "{date_long}, {time}", zone, now) + ` (${zone.tz})`, data: { format } },
    formatDate(epoch, format, zone, now));
}

export function refreshTimes(root, zone, now) {
  for (const node of root.querySelectorAll("time[data-format]")) {
    const text = formatDate(Date.parse(node.dateTime) / 1000, node.dataset.format, zone, now);
    if (node.textContent !== text) node.textContent = text;
  }
}
