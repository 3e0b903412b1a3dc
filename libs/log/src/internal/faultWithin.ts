import type { LogFault } from "../LogFault.ts"

/**
 * What of a fault lies within a log that starts at `startOffset`. Batches below the start stay on the disk until their segment
 * goes, and may rot there: that is no damage, since nobody reads them and no peer may have them any more.
 */
export function faultWithin(fault: LogFault | undefined, startOffset: number, endOffset = Number.MAX_SAFE_INTEGER): LogFault | undefined {
  if (fault === undefined || fault.offset >= startOffset && fault.endOffset <= endOffset) return fault
  const within = { ...fault, offset: Math.max(fault.offset, startOffset), endOffset: Math.min(fault.endOffset, endOffset) }
  return within.offset < within.endOffset ? within : undefined
}
