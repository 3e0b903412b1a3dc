import type { TimestampOutcome } from "@tailrace/contracts"
import { decodeListOffsetsRequest, encodeListOffsetsResponse, ErrorCode, type ListOffsetsRequest } from "@tailrace/kafka-protocol"
import type { Call } from "../Call.ts"
import { findTopic, isErrorCode, whyAbsent } from "../findTopic.ts"

/** Special timestamps, and the version from which a client may send each. */
const specialVersionMin: ReadonlyMap<number, number> = new Map([[-1, 1], [-2, 1], [-3, 7], [-4, 8], [-5, 9]])
/** "The latest offset in tiered storage": there is none here. */
const latestTiered = -5
const unknown = -1
/** Older answers have no place for the epoch of an offset. */
const leaderEpochVersionMin = 4
/** Older clients do not know OFFSET_NOT_AVAILABLE. */
const offsetNotAvailableVersionMin = 5

interface Asked {
  readonly partitionIndex: number
  readonly currentLeaderEpoch: number
  readonly timestamp: number
}

/** Finds offsets by timestamp, or the ends of partitions. */
export function handleListOffsets(call: Call): void {
  const request = decodeListOffsetsRequest(call.reader, call.apiVersion)
  const repeated = repeatedIn(request)
  const topics = request.topics.map((topic) => ({
    name: topic.name,
    partitions: distinct(topic.partitions).map((asked) => repeated.has(keyOf(topic.name, asked)) ? repetition(asked) : look(call, topic.name, asked))
  }))
  const isPending = topics.some((topic) => topic.partitions.some((outcome) => outcome instanceof Promise))
  if (!isPending) return answer(call, topics as ReadonlyArray<Answered>)
  const settled = topics.map(async ({ name, partitions }) => ({ name, partitions: await Promise.all(partitions) }))
  Promise.all(settled).then((rows) => answer(call, rows)).catch((cause: unknown) => call.crash(cause))
}

interface Row extends TimestampOutcome {
  readonly partitionIndex: number
}

const keyOf = (topic: string, { partitionIndex }: Asked): string => `${topic}/${partitionIndex}`

const distinct = (partitions: ReadonlyArray<Asked>): ReadonlyArray<Asked> => [...new Map(partitions.map((it) => [it.partitionIndex, it])).values()]

/** Partitions that are asked for more than once. They are refused, and answered once, as in Kafka, so that no request can ask for one lookup after the other. */
function repeatedIn({ topics }: ListOffsetsRequest): ReadonlySet<string> {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const { name, partitions } of topics) {
    for (const asked of partitions) {
      const key = keyOf(name, asked)
      if (seen.has(key)) repeated.add(key)
      seen.add(key)
    }
  }
  return repeated
}

const repetition = ({ partitionIndex }: Asked): Row => ({ partitionIndex, ...none(ErrorCode.INVALID_REQUEST) })

interface Answered {
  readonly name: string
  readonly partitions: ReadonlyArray<Row>
}

function look(call: Call, name: string, asked: Asked): Row | Promise<Row> {
  const { partitionIndex, timestamp } = asked
  const row = (outcome: TimestampOutcome): Row => ({ partitionIndex, ...outcome, errorCode: codeIn(call.apiVersion, outcome) })
  const { broker } = call.context
  const topic = findTopic(broker, name, "", false)
  if (isErrorCode(topic)) return row(none(topic))
  const partition = broker.partition(topic.topicId, partitionIndex)
  if (partition === undefined) return row(none(whyAbsent(topic, partitionIndex)))
  if (timestamp < 0 && call.apiVersion < (specialVersionMin.get(timestamp) ?? Infinity)) {
    return row(none(ErrorCode.UNSUPPORTED_VERSION))
  }
  if (timestamp === latestTiered) return row(none(ErrorCode.NONE))
  const outcome = partition.offsetForTimestamp(timestamp, asked.currentLeaderEpoch)
  return outcome instanceof Promise ? outcome.then(row) : row(outcome)
}

const codeIn = (version: number, { errorCode }: TimestampOutcome): number =>
  errorCode === ErrorCode.OFFSET_NOT_AVAILABLE && version < offsetNotAvailableVersionMin ? ErrorCode.LEADER_NOT_AVAILABLE : errorCode

const none = (errorCode: number): TimestampOutcome => ({
  errorCode,
  offset: unknown,
  timestamp: unknown,
  leaderEpoch: unknown
})

function answer(call: Call, topics: ReadonlyArray<Answered>): void {
  if (call.apiVersion >= leaderEpochVersionMin) return call.reply(encodeListOffsetsResponse, { topics })
  const withoutEpoch = topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((row) => ({ ...row, leaderEpoch: unknown }))
  }))
  call.reply(encodeListOffsetsResponse, { topics: withoutEpoch })
}
