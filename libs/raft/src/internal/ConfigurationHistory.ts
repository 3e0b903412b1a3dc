import { type Configuration, noConfiguration } from "../Configuration.ts"
import type { StoredState } from "../RaftStorage.ts"

/**
 * Configurations by the offset of their entry. The newest in the log is in force, committed or not; a truncation brings
 * the one before back.
 */
export class ConfigurationHistory {
  /** The first may be from below the log: its offset is -1 then. */
  #entries: Array<{ readonly offset: number; readonly configuration: Configuration }>

  constructor({ snapshot, bootstrap, configurations }: StoredState) {
    const base = snapshot === undefined ? { offset: -1, configuration: bootstrap } :
      { offset: snapshot.endOffset - 1, configuration: snapshot.configuration }
    this.#entries = [base, ...configurations.filter(({ offset }) => offset > base.offset)]
  }

  get current(): Configuration {
    return this.#entries.at(-1)?.configuration ?? noConfiguration
  }

  /** Where the entry of the current one is. */
  get currentOffset(): number {
    return this.#entries.at(-1)?.offset ?? -1
  }

  /** In force at `endOffset`, which is at or above what `forget` was told. */
  at(endOffset: number): Configuration {
    return this.#entries.findLast(({ offset }) => offset < endOffset)?.configuration ?? noConfiguration
  }

  add(offset: number, configuration: Configuration): void {
    this.#entries.push({ offset, configuration })
  }

  /** Answers whether the current one changed. */
  truncateTo(endOffset: number): boolean {
    const before = this.#entries.length
    while (this.#entries.length > 1 && this.#entries.at(-1)!.offset >= endOffset) this.#entries.pop()
    return this.#entries.length !== before
  }

  reset(endOffset: number, configuration: Configuration): void {
    this.#entries = [{ offset: endOffset - 1, configuration }]
  }

  /** Nobody will ask for a configuration before `endOffset` again. */
  forget(endOffset: number): void {
    while (this.#entries.length > 1 && this.#entries[1]!.offset < endOffset) this.#entries.shift()
  }
}
