/** Looks at what nodes say to each other, and changes nothing. */
export interface BusWatcher {
  published(subject: string, payload: Uint8Array): void
  /** The answer hears what came back, undefined where nothing did. */
  requested(from: string, subject: string, payload: Uint8Array): ((reply: Uint8Array | undefined) => void) | undefined
}
