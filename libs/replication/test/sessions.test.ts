import { describe, expect, it } from "vitest"
import { decodeBatchesMessage, decodeFetchMessage, encodeBatchesMessage, encodeFetchMessage, FollowerSession, LeaderSession } from "../src/sessions.ts"
import type { FetchPosition } from "../src/index.ts"
import type { BatchesMessage, FollowerSessionOptions, PieceMessage, PollMessage, SessionVerdict } from "../src/sessions.ts"
import { batch, seeded } from "./batches.ts"

const follower = { nodeId: 2, brokerEpoch: 20 }
const leader = { nodeId: 1, brokerEpoch: 10 }
const topicId = "MkU3OEVBNTcwNTJENDM2Qg"

class Partition {
  readonly topicId = topicId
  readonly partition: number
  position: FetchPosition = { leaderEpoch: 1, fetchOffset: 0, lastFetchedEpoch: -1, durableEnd: 0, logStartOffset: 0 }

  constructor(partition: number) {
    this.partition = partition
  }

  fetchPosition(): FetchPosition {
    return this.position
  }

  get durableStart(): number {
    return this.position.logStartOffset
  }

  end(fetchOffset: number, durableEnd = fetchOffset): void {
    this.position = { ...this.position, fetchOffset, durableEnd, lastFetchedEpoch: 1 }
  }
}

/** Both ends of a session, and what they say to each other. */
class Pair {
  readonly follower: FollowerSession<Partition>
  readonly leader = new LeaderSession({ clusterName: "c", self: leader, follower })
  readonly partitions: Array<Partition>
  #sessionId = 0

  constructor(count: number, options: Partial<FollowerSessionOptions> = {}) {
    this.follower = new FollowerSession({
      clusterName: "c", self: follower, leader, nextSessionId: () => ++this.#sessionId, payloadBytesMax: 4_096, bytesMax: 10_000,
      waitMillis: 500, timeoutMillis: 1_000, openMillis: 250, missingMillis: 100, assemblyBytesMax: 50_000, ...options
    })
    this.partitions = Array.from({ length: count }, (_, i) => new Partition(i))
    for (const partition of this.partitions) this.follower.follow(partition)
  }

  poll(nowMillis = 0): PollMessage {
    const message = this.follower.poll(nowMillis)
    if (message === undefined) throw new Error("no poll")
    return decodeFetchMessage(encodeFetchMessage(message)) as PollMessage
  }

  hear(message = this.poll()): SessionVerdict["kind"] {
    return this.leader.receive(message).kind
  }

  /** The answer to the parked poll, with batches for some of the partitions. */
  answer(batches: ReadonlyArray<readonly [partition: number, ...bytes: ReadonlyArray<Buffer>]> = [], pieceBytesMax = 2_048): Array<BatchesMessage> {
    const pieces: Array<BatchesMessage> = []
    const reply = this.leader.answer(pieceBytesMax, 100_000, (piece) => pieces.push(decodeBatchesMessage(Buffer.concat(encodeBatchesMessage(piece)))))
    for (const [partition, ...chunks] of batches) {
      const slot = this.leader.slotOf({ topicId, partition })!
      const { fetchOffset, fragmentPosition, leaderEpoch, lastFetchedEpoch, slot: number } = slot.entry
      const head = {
        slot: number, leaderEpoch, errorCode: 0, highWatermark: 0, logStartOffset: 0, diverging: undefined, baseOffset: fetchOffset, prevEpoch: lastFetchedEpoch
      }
      slot.servedEnd = reply!.addBatches(head, chunks, fragmentPosition)
    }
    reply!.finish()
    return pieces
  }

  receive(pieces: ReadonlyArray<BatchesMessage>, nowMillis = 0) {
    return pieces.flatMap((piece) => this.follower.receive(piece, nowMillis)).map(({ entry, partition }) => {
      const bytes = entry.batches.reduce((sum, { length }) => sum + length, 0)
      return [partition.partition, entry.baseOffset, bytes, entry.errorCode] as const
    })
  }
}

const batches = (from: number, count: number, bytes: number): Array<Buffer> =>
  Array.from({ length: count }, (_, i) => padded(batch({ baseOffset: from + i, leaderEpoch: 1 }), bytes))

/** A batch that says it is this long; what is in it concerns nobody here. */
function padded(b: Buffer, bytes: number): Buffer {
  const long = Buffer.concat([b, Buffer.alloc(Math.max(0, bytes - b.length))])
  long.writeInt32BE(long.length - 12, 8)
  return long
}

describe("a session between a follower and a leader", () => {
  it("tells everything once, and then what has changed", () => {
    const pair = new Pair(3)
    const full = pair.poll()
    expect([full.kind, full.entries.length, full.sessionId, full.sequence]).toEqual(["full", 3, 1, 1])
    expect(full.entries.every((it) => it.name !== undefined)).toBe(true)
    expect(pair.hear(full)).toBe("polled")
    expect(pair.follower.poll(0)).toBeUndefined()
    expect(pair.receive(pair.answer([[1, ...batches(0, 2, 300)]]))).toEqual([[1, 0, 600, 0]])
    pair.partitions[1]!.end(2, 0)
    pair.follower.touch(pair.partitions[1]!)
    const next = pair.poll()
    expect([next.kind, next.entries.map((it) => [it.slot, it.name, it.fetchOffset, it.durableEnd])]).toEqual(["incremental", [[1, undefined, 2, 0]]])
    expect(pair.hear(next)).toBe("polled")
    pair.receive(pair.answer())
    expect(pair.poll().entries).toEqual([])
  })

  it("acknowledges flushes between two polls, no more than was served, and says it again with the next poll", () => {
    const pair = new Pair(2)
    pair.hear()
    pair.receive(pair.answer([[0, ...batches(0, 4, 100)]]))
    const [first] = pair.partitions
    first!.end(4, 0)
    pair.follower.touch(first!)
    pair.hear()
    first!.end(4, 3)
    pair.follower.flushed(first!)
    const ack = pair.follower.ack()!
    expect(ack.entries).toEqual([{ slot: 0, leaderEpoch: 1, durableEnd: 3 }])
    expect(pair.follower.ack()).toBeUndefined()
    const slot = pair.leader.slotOf({ topicId, partition: 0 })!
    expect(pair.leader.receive(ack)).toEqual({ kind: "acknowledged", slots: [slot] })
    expect(slot.durableEnd).toBe(3)
    pair.leader.receive({ ...ack, entries: [{ slot: 0, leaderEpoch: 1, durableEnd: 99 }] })
    expect(slot.durableEnd).toBe(4)
    for (const other of [{ slot: 0, leaderEpoch: 2, durableEnd: 4 }, { slot: 7, leaderEpoch: 1, durableEnd: 4 }]) {
      expect(pair.leader.receive({ ...ack, entries: [other] })).toEqual({ kind: "acknowledged", slots: [] })
    }
    pair.receive(pair.answer())
    expect(pair.poll().entries.map((it) => it.durableEnd)).toEqual([3])
  })

  it("counts no acknowledgement that the next poll has overtaken: the follower may have cut its log between the two", () => {
    const pair = new Pair(2)
    const [first, second] = pair.partitions
    first!.end(10, 0)
    second!.end(10, 0)
    pair.hear()
    const slots = pair.partitions.map(({ partition }) => pair.leader.slotOf({ topicId, partition })!)
    for (const partition of pair.partitions) {
      partition.end(10)
      pair.follower.flushed(partition)
    }
    const late = pair.follower.ack()!
    expect(late.entries.map(({ durableEnd }) => durableEnd)).toEqual([10, 10])
    pair.receive(pair.answer())
    // The leader has nothing of the first partition; there is more of it when the follower has asked again, and nothing of it is flushed.
    first!.end(0)
    pair.follower.touch(first!)
    const next = pair.poll()
    expect(next.entries.map(({ durableEnd, slot }) => [slot, durableEnd])).toEqual([[0, 0], [1, 10]])
    pair.hear(next)
    pair.receive(pair.answer([[0, ...batches(0, 12, 100)]]))
    expect(pair.leader.receive(late)).toEqual({ kind: "acknowledged", slots: [] })
    expect(slots.map(({ durableEnd }) => durableEnd)).toEqual([0, 10])
    // What belongs to the poll that came last counts at once, also where that one did not name the partition.
    pair.hear()
    first!.end(12, 7)
    pair.follower.flushed(first!)
    expect(pair.leader.receive(pair.follower.ack()!)).toEqual({ kind: "acknowledged", slots: [slots[0]] })
    expect(slots[0]!.durableEnd).toBe(7)
  })

  it("tells anew what came with batches that the follower did not take", () => {
    const pair = new Pair(1)
    pair.hear()
    const [first] = pair.partitions
    const slot = pair.leader.slotOf(first!)!
    const told = (end: number): ReadonlyArray<number> => {
      slot.toldHighWatermark = 7
      slot.toldLogStart = 3
      pair.receive(pair.answer([[0, ...batches(first!.position.fetchOffset, 5, 100)]]))
      first!.end(end)
      pair.follower.touch(first!)
      pair.hear()
      return [slot.toldHighWatermark, slot.toldLogStart]
    }
    expect(told(5)).toEqual([7, 3])
    expect(told(5)).toEqual([-1, -1])
    expect(told(10)).toEqual([7, 3])
    expect(told(2)).toEqual([-1, -1])
  })

  it("polls anew once a flush has moved the start of a log", () => {
    const pair = new Pair(2)
    pair.hear()
    pair.receive(pair.answer())
    pair.hear()
    pair.follower.flushed(pair.partitions[1]!)
    expect(pair.follower.poll(0)).toBeUndefined()
    pair.partitions[1]!.position = { ...pair.partitions[1]!.position, logStartOffset: 7 }
    pair.follower.flushed(pair.partitions[1]!)
    const poll = pair.poll()
    expect(poll.entries.map(({ logStartOffset, slot }) => [slot, logStartOffset])).toEqual([[1, 7]])
    expect(pair.hear(poll)).toBe("polled")
    pair.follower.flushed(pair.partitions[1]!)
    expect(pair.follower.poll(0)).toBeUndefined()
  })

  it("ignores what comes twice, and starts over where something is missing or does not fit", () => {
    const pair = new Pair(2)
    const full = pair.poll()
    expect([pair.hear(full), pair.hear(full)]).toEqual(["polled", "ignored"])
    pair.receive(pair.answer())
    const lost = pair.poll()
    expect(pair.follower.expire(999)).toBe(false)
    expect(pair.follower.expire(1_000)).toBe(true)
    const again = pair.poll()
    expect([again.kind, again.sessionId]).toEqual(["full", 2])
    expect(pair.hear(again)).toBe("polled")
    expect(pair.hear(lost)).toBe("ignored")
    pair.receive(pair.answer())
    const next = pair.poll()
    expect(pair.hear({ ...next, sequence: next.sequence + 1 })).toBe("resync")
    expect(pair.hear(next)).toBe("resync")
    const other = new Pair(2)
    other.hear()
    other.receive(other.answer())
    for (const change of [{ checksum: 7 }, { forgotten: [9] }, { sessionId: 5 }]) {
      const verdict = new Pair(0).leader
      verdict.receive(full)
      expect(verdict.receive({ ...full, kind: "incremental", sequence: 2, entries: [], ...change }).kind).toBe("resync")
    }
    const verdict = other.leader.receive({ ...other.poll(), checksum: 1 })
    if (verdict.kind !== "resync") throw new Error("not noticed")
    other.follower.receive(verdict.message, 0)
    expect(other.poll().kind).toBe("full")
  })

  it("takes answers of this session and these uptimes alone, each piece once", () => {
    const pair = new Pair(1)
    pair.hear()
    const pieces = pair.answer([[0, ...batches(0, 6, 700)]])
    expect(pieces.length).toBe(3)
    const strangers: Array<Partial<BatchesMessage>> = [
      { clusterName: "d" }, { sessionId: 9 }, { from: { nodeId: 1, brokerEpoch: 9 } }, { to: { nodeId: 2, brokerEpoch: 21 } }, { sequence: 4 }
    ]
    for (const stranger of strangers) expect(pair.receive([{ ...pieces[0]!, ...stranger } as BatchesMessage])).toEqual([])
    const shuffled = [1, 1, 0, 1, 2, 0].map((i) => pieces[i]!)
    expect(pair.receive(shuffled, 5).map(([, offset]) => offset)).toEqual([2, 0, 4])
    expect([pair.follower.deadlineMillis, pair.poll().kind]).toEqual([Infinity, "incremental"])
  })

  it("gives a missing piece a moment, and a lost answer to a poll that was replaced is noticed", () => {
    const pair = new Pair(2)
    pair.hear()
    const pieces = pair.answer([[0, ...batches(0, 6, 700)]])
    pair.receive(pieces.slice(1), 10)
    expect(pair.follower.deadlineMillis).toBe(110)
    expect(pair.follower.poll(10)).toBeUndefined()
    pair.receive(pieces.slice(0, 1), 20)
    pair.hear()
    const lost = pair.answer([[0, ...batches(0, 1, 100)]])
    pair.partitions[1]!.position = { ...pair.partitions[1]!.position, leaderEpoch: 2 }
    pair.follower.follow(pair.partitions[1]!)
    const replacing = pair.poll(30)
    expect(replacing.entries.map((it) => it.slot)).toEqual([1])
    expect(pair.hear(replacing)).toBe("polled")
    const [answer] = pair.answer()
    pair.receive([answer!], 40)
    expect([pair.follower.deadlineMillis, pair.follower.poll(40)]).toEqual([140, undefined])
    pair.receive(lost, 50)
    expect(pair.follower.poll(50)?.kind).toBe("incremental")
  })

  it("puts a batch together that is larger than a message, from where it was", () => {
    const pair = new Pair(2)
    const [large] = batches(0, 1, 9_000)
    pair.hear()
    const pieces = pair.answer([[0, large!]])
    expect(pair.receive(pieces.slice(0, 2))).toEqual([])
    // The rest is lost; another session goes on with what is there.
    pair.follower.restart()
    const again = pair.poll()
    const had = again.entries[0]!.fragmentPosition
    expect(had).toBeGreaterThan(2_000)
    pair.hear(again)
    const rest = pair.answer([[0, large!]])
    expect(rest.length).toBeLessThan(pieces.length)
    const received = rest.flatMap((piece) => pair.follower.receive(piece, 0))
    expect(received.map(({ entry }) => entry.batches[0]!.equals(large!))).toEqual([true])
    expect(pair.receive(rest)).toEqual([])
    // Parts out of order: what fits is kept, and the rest asked for again.
    const other = new Pair(1)
    other.hear()
    const parts = other.answer([[0, large!]]) as ReadonlyArray<PieceMessage>
    expect(other.receive([parts[0]!, ...parts.slice(2), parts[1]!])).toEqual([])
    const [asked] = other.poll().entries
    expect(asked!.fragmentPosition).toBe(2 * parts[0]!.entries[0]!.batches[0]!.length)
    // What the limit does not allow is said, not kept.
    pair.follower.restart()
    pair.hear()
    expect(pair.receive(pair.answer([[1, ...batches(0, 1, 60_000)]]))[0]).toEqual([1, 0, 0, 10])
  })

  it("spreads more partitions than fit over several polls", () => {
    const pair = new Pair(120)
    const named: Array<number> = []
    for (let i = 0; i < 4; i++) {
      const poll = pair.poll()
      expect(encodeFetchMessage(poll).length).toBeLessThanOrEqual(4_096)
      named.push(...poll.entries.map((it) => it.name!.partition))
      expect(pair.hear(poll)).toBe("polled")
      pair.receive(pair.answer())
    }
    expect(named).toEqual(Array.from({ length: 120 }, (_, i) => i))
    for (const partition of pair.partitions.slice(10)) pair.follower.forget(partition)
    for (let i = 0; i < 3; i++) {
      expect(pair.hear()).toBe("polled")
      pair.receive(pair.answer())
    }
    expect(pair.leader.size).toBe(10)
  })
})

describe("the pieces of an answer", () => {
  it("are cut at batches and never longer than a message may be; each entry continues the one before it", () => {
    const next = seeded(7)
    for (let round = 0; round < 200; round++) {
      const pair = new Pair(3)
      const pieceBytesMax = 1_000 + next(3_000)
      pair.hear()
      const sent = [0, 1, 2].map((partition) => [partition, ...batches(0, 1 + next(8), 80 + next(400))] as const)
      const pieces: Array<BatchesMessage> = pair.answer(sent, pieceBytesMax)
      const got = new Map<number, Array<Buffer>>()
      for (const piece of pieces) {
        expect(Buffer.concat(encodeBatchesMessage(piece)).length).toBeLessThanOrEqual(pieceBytesMax)
        for (const { entry, partition } of pair.follower.receive(piece, 0)) {
          const before = got.get(partition.partition) ?? []
          expect([entry.baseOffset, entry.prevEpoch]).toEqual(before.length === 0 ? [0, -1] : [before.length, 1])
          const bytes = Buffer.concat(entry.batches)
          for (let at = 0; at < bytes.length; at += bytes.readInt32BE(at + 8) + 12) before.push(bytes.subarray(at, at + bytes.readInt32BE(at + 8) + 12))
          got.set(partition.partition, before)
        }
      }
      for (const [partition, ...chunks] of sent) expect(Buffer.concat(got.get(partition)!).equals(Buffer.concat(chunks))).toBe(true)
      expect(pieces.map((it) => it.kind === "piece" && it.isLast)).toEqual(pieces.map((_, i) => i === pieces.length - 1))
    }
  })
})
