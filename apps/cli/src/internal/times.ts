import { UsageError } from "../UsageError.ts"

const dateTimeForm = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?))?(Z|[+-]\d{2}:?\d{2})?$/

/** Reads Kafka's `YYYY-MM-DDTHH:mm:SS.sss`, with or without a time zone; without one it is UTC. Milliseconds since 1970. */
export const parseDateTime = (text: string): number => {
  const [, date, time = "00:00:00", zone = "Z"] = dateTimeForm.exec(text) ?? []
  const full = `${date}T${time.length === 5 ? `${time}:00` : time.replace(",", ".")}${/^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`
  const millis = date === undefined ? Number.NaN : Date.parse(full)
  if (Number.isNaN(millis)) throw new UsageError(`"${text}" is not a time`, "Write it as 2026-01-31T12:00:00.000, with Z or +02:00 behind it for a time zone.")
  return millis
}

const durationForm = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i

/** Reads an ISO 8601 duration of weeks, days, hours, minutes and seconds. */
export const parseDuration = (text: string): number => {
  const match = durationForm.exec(text)
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = (match ?? []).slice(1).map((part) => Number(part ?? 0))
  if (match === null || /[PT]$/i.test(text)) throw new UsageError(`"${text}" is not a duration`, "Write it as PT30M, PT1H30M or P7D.")
  return Math.round(((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000)
}
