import type { LogFault } from "../LogFault.ts"

/** Both ranges and what lies between; the reason of the one that begins first. */
export function hullOf(a: LogFault | undefined, b: LogFault): LogFault
export function hullOf(a: LogFault | undefined, b: LogFault | undefined): LogFault | undefined
export function hullOf(a: LogFault | undefined, b: LogFault | undefined): LogFault | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const first = a.offset <= b.offset ? a : b
  return { offset: first.offset, endOffset: Math.max(a.endOffset, b.endOffset), reason: first.reason }
}
