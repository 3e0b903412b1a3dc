import { recordCodecs } from "@tailrace/codecs"
import type { SimulatedMember } from "../world/SimulatedMember.ts"
import type { Coverage } from "./Coverage.ts"
import { demand } from "./Violation.ts"

interface Seen {
  life: number
  term: number
  offset: number
  wasLeader: boolean
  comparedMillis: number
}

const comparePauseMillis = 50
const imagesKeptMax = 256

/** R1, R3 and R4 over the controllers: one leader in a term, terms that never go back, and one state of the metadata at each offset. */
export class QuorumOracle {
  readonly #leaders = new Map<number, string>()
  readonly #seen = new Map<SimulatedMember, Seen>()
  /** By metadata offset, the checksum of the whole image there. */
  readonly #images = new Map<number, { readonly checksum: number; readonly host: string }>()
  readonly #coverage: Coverage
  readonly #nowMillis: () => number
  /** Called when a node leads in a term in which none was seen to lead. */
  onElected: () => void = () => undefined
  /** The highest term in which a node was seen to lead. */
  term = 0

  constructor(coverage: Coverage, nowMillis: () => number) {
    this.#coverage = coverage
    this.#nowMillis = nowMillis
  }

  check(member: SimulatedMember): void {
    const { node } = member
    if (node === undefined) return
    const seen = this.#seenOf(member)
    const { role, self, term } = node.quorum.status
    // As in another life, a term that was not durable is forgotten where the write failed; what was promised in it was not sent.
    demand(term >= seen.term || member.hasDiskTrouble, "R1", () => `${member.host} is in term ${term} after ${seen.term}`)
    const isLeader = role === "leader"
    if (isLeader && (!seen.wasLeader || term !== seen.term)) {
      const who = `${member.host} with ${self.directoryId}`
      const other = this.#leaders.get(term)
      demand(other === undefined || other === who, "R1", () => `term ${term} has two leaders: ${other} and ${who}`)
      this.#leaders.set(term, who)
      if (other === undefined) this.#elected(term)
    }
    seen.term = term
    seen.wasLeader = isLeader
    if (node.metadataOffset !== seen.offset) this.#applied(member, seen)
  }

  storageLost(member: SimulatedMember): void {
    this.#seen.delete(member)
  }

  #elected(term: number): void {
    this.#coverage.add("controller election")
    this.term = Math.max(this.term, term)
    this.onElected()
  }

  #seenOf(member: SimulatedMember): Seen {
    let seen = this.#seen.get(member)
    if (seen === undefined) this.#seen.set(member, seen = { life: member.lives, term: 0, offset: -1, wasLeader: false, comparedMillis: -Infinity })
    if (seen.life !== member.lives) {
      seen.life = member.lives
      // A term that was not durable is forgotten; what was promised in it was not sent.
      seen.term = 0
      seen.offset = -1
      seen.wasLeader = false
    }
    return seen
  }

  #applied(member: SimulatedMember, seen: Seen): void {
    const { metadata, metadataOffset } = member.node!
    demand(metadataOffset > seen.offset, "R4", () => `${member.host} applied ${seen.offset} and is at ${metadataOffset}`)
    seen.offset = metadataOffset
    const known = this.#images.get(metadataOffset)
    const now = this.#nowMillis()
    if (known === undefined && now - seen.comparedMillis < comparePauseMillis) return
    seen.comparedMillis = now
    const checksum = recordCodecs.crc32c(metadata.encodeSnapshot())
    demand(known === undefined || known.checksum === checksum, "R4", () => `${member.host} has other metadata at ${metadataOffset} than ${known?.host}`)
    if (known !== undefined) return
    this.#images.set(metadataOffset, { checksum, host: member.host })
    if (this.#images.size > imagesKeptMax) this.#images.delete(this.#images.keys().next().value!)
  }
}
