import { describe, expect, it } from "vitest"
import { Descriptor } from "../src/internal/Descriptor.ts"
import { makeBatch, randomOf } from "./fixtures.ts"

const intervalBytes = 256 * 1024
const entryBytes = 16
const emptyBytes = new Descriptor(0).encodedBytes

const entriesOf = (segment: Descriptor): number => (segment.encodedBytes - emptyBytes) / entryBytes

interface Placed {
  readonly offset: number
  readonly timestamp: number
  readonly bytes: number
}

/** A segment of batches of 64 KiB whose times go up and down, as they were when it was sealed. */
function sealed(firstOffset: number, count: number, next: (bound: number) => number): { segment: Descriptor; batches: Array<Placed> } {
  const segment = new Descriptor(firstOffset)
  const batches: Array<Placed> = []
  for (let i = 0; i < count; i++) {
    const offset = firstOffset + i
    const timestamp = 1_000_000 + offset * 10 + next(100)
    const batch = makeBatch({ offset, timestamp, valueBytes: 64 * 1024 })
    segment.add(batch, 0, batch.length, 0)
    batches.push({ offset, timestamp, bytes: batch.length })
  }
  return { segment, batches }
}

/** Takes out batches as compaction does: bytes go, offsets and figures stay. */
function compacted(segment: Descriptor, batches: ReadonlyArray<Placed>, keeps: () => boolean): Array<Placed> {
  const kept = batches.filter(keeps)
  segment.bytes = kept.reduce((sum, { bytes }) => sum + bytes, 0)
  return kept
}

/** Whatever is searched, no match lies before where the search begins; answers the most bytes that one has to look through. */
function searchBytesMax(segment: Descriptor, batches: ReadonlyArray<Placed>): number {
  let most = 0
  for (const { timestamp } of batches) {
    const from = segment.searchFrom(timestamp)
    const first = batches.findIndex((other) => other.timestamp >= timestamp)
    expect(batches[first]!.offset).toBeGreaterThanOrEqual(from)
    const passed = batches.slice(0, first).filter(({ offset }) => offset >= from)
    most = Math.max(most, passed.reduce((sum, { bytes }) => sum + bytes, 0))
  }
  return most
}

describe("the time index of a segment", () => {
  it("does not grow with the segments that were joined to it, only with the bytes that are left", () => {
    const next = randomOf(1)
    let { segment: joined, batches } = sealed(0, 64, next)
    batches = compacted(joined, batches, () => next(10) === 0)
    for (let i = 1; i < 60; i++) {
      const more = sealed(joined.nextOffset, 64, next)
      const kept = compacted(more.segment, more.batches, () => next(10) === 0)
      joined.absorb(more.segment)
      batches = compacted(joined, [...batches, ...kept], () => next(20) > 0)
    }
    joined.absorb(new Descriptor(joined.nextOffset))
    expect(entriesOf(joined)).toBeLessThanOrEqual(joined.bytes / intervalBytes)
    expect(searchBytesMax(joined, batches)).toBeLessThan(8 * intervalBytes)
  })

  it("is as dense in what was joined whole, from small segments and from large ones", () => {
    for (const count of [1, 3, 50]) {
      const next = randomOf(count)
      const { segment: joined, batches } = sealed(0, count, next)
      while (batches.length < 600) {
        const more = sealed(joined.nextOffset, count, next)
        joined.absorb(more.segment)
        batches.push(...more.batches)
      }
      expect(entriesOf(joined)).toBeLessThanOrEqual(joined.bytes / intervalBytes)
      expect(entriesOf(joined)).toBeGreaterThan(joined.bytes / intervalBytes / 2)
      expect(searchBytesMax(joined, batches)).toBeLessThan(3 * intervalBytes)
    }
  })
})
