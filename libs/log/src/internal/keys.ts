/**
 * The text keys of the small state. Numbers are hexadecimal with leading zeros, so that the order of the keys is the
 * order of the numbers.
 */
const number32 = (n: number): string => n.toString(16).padStart(8, "0")
const number53 = (n: number): string => n.toString(16).padStart(14, "0")

export const identity = "identity"
export const clean = "clean"
export const brokerEpoch = "brokerepoch"
export const commitSequence = "sequence"
export const nextLogNumber = "nextlog"
export const slotPrefix = "slot/"
export const slot = (name: string): string => `slot/${name}`
export const logPrefix = "log/"
export const log = (logNumber: number): string => `log/${number32(logNumber)}`
export const statePrefix = "state/"
export const state = (logNumber: number): string => `state/${number32(logNumber)}`
export const epochs = (logNumber: number): string => `epochs/${number32(logNumber)}`
export const descriptorPrefix = (logNumber: number): string => `descriptor/${number32(logNumber)}/`
export const descriptor = (logNumber: number, firstOffset: number): string =>
  `descriptor/${number32(logNumber)}/${number53(firstOffset)}`
export const checkpointPrefix = (logNumber: number): string => `checkpoint/${number32(logNumber)}/`
export const checkpoint = (logNumber: number, offset: number): string =>
  `checkpoint/${number32(logNumber)}/${number53(offset)}`
export const fault = (logNumber: number): string => `fault/${number32(logNumber)}`
/** What recovery dropped of a log, while the controller has not been told yet. */
export const dropped = (logNumber: number): string => `dropped/${number32(logNumber)}`
/** There while the controller has not been told yet that a commit failed, or that records of a log were made anew. */
export const suspect = "suspect"
export const deletedPrefix = "deleted/"
export const deleted = (logNumber: number): string => `deleted/${number32(logNumber)}`
export const numberIn = (key: string): number => Number.parseInt(key.slice(key.lastIndexOf("/") + 1), 16)
