import type { TopicPartition } from "./AdminTypes.ts"
import { ClientError } from "./ClientError.ts"

/** One member of a group, as the member that assigns sees it. */
export interface GroupMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly topics: ReadonlyArray<string>
  readonly ownedPartitions: ReadonlyArray<TopicPartition>
  /** The generation in which they were assigned. */
  readonly generationId: number
}

export type Assignment = Map<string, Array<TopicPartition>>

/** Divides partitions among the members of a group: a pure function, with the same result wherever it runs. */
export interface Assignor {
  readonly name: string
  /** Members keep what they own while they join, and give up only what went to others. */
  readonly isCooperative: boolean
  /** `counts`: the number of partitions of each subscribed topic that exists. */
  readonly assign: (members: ReadonlyArray<GroupMember>, counts: ReadonlyMap<string, number>) => Assignment
}

const compare = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0

/** Static members first, by their instance ids, which survive a restart; then the others by member id. */
const inOrder = (members: ReadonlyArray<GroupMember>): ReadonlyArray<GroupMember> => members.toSorted((a, b) =>
  a.groupInstanceId !== null && b.groupInstanceId !== null ? compare(a.groupInstanceId, b.groupInstanceId)
    : a.groupInstanceId !== null ? -1 : b.groupInstanceId !== null ? 1 : compare(a.memberId, b.memberId))

const emptyAssignment = (members: ReadonlyArray<GroupMember>): Assignment => new Map(members.map((member) => [member.memberId, []]))

/** Each topic on its own: its partitions in consecutive ranges, so that equal keys of several topics meet at one member. */
export const rangeAssignor: Assignor = {
  name: "range",
  isCooperative: false,
  assign: (members, counts) => {
    const assignment = emptyAssignment(members)
    const ordered = inOrder(members)
    for (const [topic, count] of counts) {
      const subscribed = ordered.filter((member) => member.topics.includes(topic))
      let next = 0
      subscribed.forEach((member, index) => {
        const share = Math.floor(count / subscribed.length) + (index < count % subscribed.length ? 1 : 0)
        for (const end = next + share; next < end; next++) assignment.get(member.memberId)?.push({ topic, partition: next })
      })
    }
    return assignment
  }
}

const allPartitions = (counts: ReadonlyMap<string, number>): ReadonlyArray<TopicPartition> =>
  [...counts].toSorted(([a], [b]) => compare(a, b))
    .flatMap(([topic, count]) => Array.from({ length: count }, (_, partition) => ({ topic, partition })))

/** All partitions of all topics in turn. */
export const roundRobinAssignor: Assignor = {
  name: "roundrobin",
  isCooperative: false,
  assign: (members, counts) => {
    const assignment = emptyAssignment(members)
    const ordered = inOrder(members)
    let turn = 0
    for (const { topic, partition } of allPartitions(counts)) {
      for (let tries = 0; tries < ordered.length; tries++) {
        const member = ordered[turn++ % ordered.length] as GroupMember
        if (!member.topics.includes(topic)) continue
        assignment.get(member.memberId)?.push({ topic, partition })
        break
      }
    }
    return assignment
  }
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`

/** Who owns each partition now. Two claims: the later generation is right; of the same generation neither is. */
const owners = (members: ReadonlyArray<GroupMember>, counts: ReadonlyMap<string, number>): Map<string, GroupMember> => {
  const found = new Map<string, GroupMember>()
  const disputed = new Set<string>()
  for (const member of members) {
    for (const owned of member.ownedPartitions) {
      if (owned.partition >= (counts.get(owned.topic) ?? 0) || !member.topics.includes(owned.topic)) continue
      const key = keyOf(owned)
      const other = found.get(key)
      if (other === undefined || other.generationId < member.generationId) {
        found.set(key, member)
        disputed.delete(key)
      } else if (other.generationId === member.generationId) disputed.add(key)
    }
  }
  for (const key of disputed) found.delete(key)
  return found
}

/** Moves partitions from members with many to members with few until no move makes it more even. */
const balance = (assignment: Assignment, members: ReadonlyArray<GroupMember>): void => {
  const load = (member: GroupMember): number => assignment.get(member.memberId)?.length ?? 0
  for (let moved = true; moved;) {
    moved = false
    const byLoad = members.toSorted((a, b) => load(a) - load(b))
    search: for (const from of byLoad.toReversed()) {
      for (const to of byLoad) {
        if (load(from) - load(to) <= 1) break
        const list = assignment.get(from.memberId) ?? []
        const at = list.findLastIndex((item) => to.topics.includes(item.topic))
        if (at < 0) continue
        assignment.get(to.memberId)?.push(...list.splice(at, 1))
        moved = true
        break search
      }
    }
  }
}

/**
 * Evenly, with as few moves as possible. A partition that moves is left out until its owner has given it up; the owner joins
 * again then, and it goes to its new member in that round. So nobody stops reading what it keeps.
 */
export const cooperativeStickyAssignor: Assignor = {
  name: "cooperative-sticky",
  isCooperative: true,
  assign: (members, counts) => {
    const ordered = inOrder(members)
    const assignment = emptyAssignment(ordered)
    const owned = owners(ordered, counts)
    const free: Array<TopicPartition> = []
    for (const item of allPartitions(counts)) {
      const owner = owned.get(keyOf(item))
      if (owner === undefined) free.push(item)
      else assignment.get(owner.memberId)?.push(item)
    }
    for (const item of free) {
      let best: Array<TopicPartition> | undefined
      for (const member of ordered) {
        const list = assignment.get(member.memberId)
        if (list !== undefined && member.topics.includes(item.topic) && (best === undefined || list.length < best.length)) best = list
      }
      best?.push(item)
    }
    balance(assignment, ordered)
    for (const [memberId, list] of assignment) {
      assignment.set(memberId, list.filter((item) => (owned.get(keyOf(item))?.memberId ?? memberId) === memberId))
    }
    return assignment
  }
}

export const assignors = { range: rangeAssignor, roundrobin: roundRobinAssignor, "cooperative-sticky": cooperativeStickyAssignor } as const
export type AssignorName = keyof typeof assignors

export const assignorOf = (choice: AssignorName | Assignor): Assignor => {
  const found = typeof choice === "string" ? assignors[choice] as Assignor | undefined : choice
  if (found === undefined) throw new ClientError("configuration", `there is no assignor "${String(choice)}"`)
  return found
}
