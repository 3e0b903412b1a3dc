import { sizes } from "../../matrix.ts"
import type { ClientRow } from "../../matrix.ts"
import { byLane } from "../Records.ts"
import type { InteropRecord } from "../Records.ts"
import { graceMillis, jobMillisMax } from "../Tier.ts"
import type { Tier } from "../Tier.ts"
import { committed, nothingLost, startMember } from "./Members.ts"
import type { Member } from "./Members.ts"

/** As many again are written after the restart. */
const recordsBefore = 300
/** Clients back off while the broker is away: kafka-python needs more than 20 s with Kafka too. */
const goOnMillisMax = 45_000

/** The group has the topic's name. */
export const liveTopic = (row: ClientRow): string => `${row.name}-live`

/** Before the restart: a member of a group has read and committed what there is, and stays. */
export async function stayConnected(tier: Tier, row: ClientRow): Promise<Member> {
  const member = startMember(tier, row, liveTopic(row), "member")
  await write(tier, row, records(tier, row).slice(0, recordsBefore))
  await committed(tier, liveTopic(row), ends(records(tier, row).slice(0, recordsBefore)))
  return member
}

/** After the restart: the member that lost its broker finds it again and goes on, in its group or by joining anew. */
export async function goOn(tier: Tier, row: ClientRow, member: Member): Promise<void> {
  await write(tier, row, records(tier, row).slice(recordsBefore))
  await Promise.race([
    committed(tier, liveTopic(row), ends(records(tier, row)), goOnMillisMax),
    member.ended.then(() => { throw new Error("the member ended") })
  ])
  member.driver.leave()
  await member.ended
  await member.driver.close()
  nothingLost(records(tier, row), [member])
}

const records = (tier: Tier, row: ClientRow): InteropRecord[] => tier.seeded(row, liveTopic(row), 2 * recordsBefore)

const ends = (written: ReadonlyArray<InteropRecord>): number[] =>
  Array.from({ length: sizes.partitions }, (_, partition) => byLane(written).get(partition)?.length ?? 0)

async function write(tier: Tier, row: ClientRow, part: ReadonlyArray<InteropRecord>): Promise<void> {
  const file = tier.recordFile(liveTopic(row), part)
  await tier.driver(row).run("produce", { topic: liveTopic(row), records: file, codec: "none", acks: "all" }, jobMillisMax + graceMillis)
}
