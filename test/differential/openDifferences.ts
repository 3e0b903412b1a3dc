import type { KnownDifference } from "./differences.ts"

type Open = Omit<KnownDifference, "kind">

const fetchStep = /: Fetch v/
const produceStep = /: Produce v/
/** A batch that one side took and the other refused moves the offsets of what follows in its partition. */
const wrongBatch = (labels: string): RegExp => new RegExp(`^produce: \\w+ v\\d+ (after )?(${labels})$`)

const produce: ReadonlyArray<Open> = [
  { step: /^produce: Produce v\d+ timeout -?\d+ acks/, path: /errorCode$/, reason: "Produce: a flush that takes longer than the request's timeout is answered REQUEST_TIMED_OUT; Kafka has no time limit for acks=1, nor where nobody else is in sync" },
  { step: produceStep, path: /recordErrors\.length$/, reason: "Produce v8+: which records were refused (KIP-467) is not told" },
  { step: /^(idempotence|truncated): Produce v\d+ .*(again|within the last five)$/, path: /logAppendTimeMs$/, reason: "Produce: the answer to a duplicate lacks the timestamp of the batch that was stored" },
  { step: /^produce: Produce v\d+ acks (2|-2|127) unknown/, path: /errorCode$/, reason: "Produce: an illegal acks hides that the topic is unknown" },
  { step: /^produce: Produce v\d+ (length (one )?longer|half a batch|one byte|messages of magic [01])$/, path: /errorCode$/, reason: "Produce: bytes that are no whole batch are CORRUPT_MESSAGE, which clients retry; Kafka answers INVALID_RECORD" },
  { step: wrongBatch("bytes behind the batch|batch and half"), path: /./, reason: "Produce: bytes behind a whole batch are refused; Kafka drops them" },
  { step: wrongBatch("log append time"), path: /./, reason: "Produce: a producer's mark of LogAppendTime is refused on a topic with CreateTime; Kafka clears it" },
  { step: wrongBatch("delete horizon"), path: /./, reason: "Produce: a producer's delete horizon is refused; Kafka takes it" },
  { step: wrongBatch("base timestamp negative"), path: /./, reason: "Produce: negative timestamps other than -1 are refused; Kafka takes them" },
  { step: wrongBatch("producer negative"), path: /./, reason: "Produce: a producer id below -1 is refused; Kafka takes it for none" },
  { step: /^idempotence: Produce v\d+ epoch -1$/, path: /errorCode$/, reason: "Produce: a negative epoch is INVALID_RECORD; Kafka answers INVALID_PRODUCER_EPOCH" },
  { step: produceStep, path: /logStartOffset$/, when: ({ kafka }) => kafka === -1, reason: "Produce: beside most errors Kafka tells no log start offset" },
  { step: /^produce: Produce v\d+ (partition|topic) twice$/, path: /./, reason: "Produce: a partition that is named twice is appended twice and answered twice; Kafka takes the last alone" },
  { step: /^idempotence: InitProducerId v\d+ id (-1 epoch 0|0 epoch -1)$/, path: /./, reason: "InitProducerId: an id without an epoch, or the other way round, gets an id; Kafka answers INVALID_REQUEST" }
]

const reads: ReadonlyArray<Open> = [
  { step: fetchStep, path: /(highWatermark|lastStableOffset|logStartOffset)$/, when: ({ kafka }) => kafka === -1, reason: "Fetch: beside an error Kafka tells no offsets (-1), we tell those of the log" },
  { step: fetchStep, path: /abortedTransactions$/, reason: "Fetch: beside some errors Kafka has an empty array of aborted transactions, we have null" },
  { step: /^polls: Fetch v\d+ an unknown partition ends the wait$/, path: /milliseconds/, reason: "Fetch: an unknown partition ends the wait of the others at once; Kafka waits for them all the same" },
  { step: /^fetch sessions: Fetch v\d+ a session of nothing$/, path: /sessionId$/, reason: "Fetch: a new session without partitions is not made" },
  { step: /^fetch sessions: Fetch v[78] wrong leader epoch$/, path: /partitions\[1\]$/, reason: "Fetch: a partition that is no longer in error is told only when its offsets changed; Kafka tells it once in any case" },
  { step: /^fetch sessions: Fetch v\d+ (forgets and adds|after it)$/, path: /./, reason: "Fetch: what a request adds and forgets at once stays in the session; Kafka forgets it" },
  { step: /^(list offsets: ListOffsets v\d+ leader epoch -2|leader epochs: OffsetForLeaderEpoch v\d+ (epoch|current) -2)/, path: /./, reason: "a leader epoch of -2 counts as none; Kafka compares it, and answers FENCED_LEADER_EPOCH" },
  { step: /^truncated: ListOffsets v9 filled again -3$/, path: /./, reason: "ListOffsets -3: where the record with the newest timestamp was deleted (DeleteRecords within its segment), no record is found though there are others; Kafka tells the deleted one" },
  { step: /^list offsets: ListOffsets v\d+ partition twice$/, path: /./, reason: "ListOffsets: a partition that is named twice is answered twice; Kafka answers it once" },
  { step: /^metadata: Metadata v\d+ (id and another name|id with empty name|id beside a name|name beside an id)$/, path: /./, reason: "Metadata v12+: with an id in the request Kafka goes by ids alone; we go by names where there are some" },
  { step: /^coordinators: JoinGroup v\d+ nothing but a type$/, path: /errorCode$/, reason: "JoinGroup: no protocols and an unknown member is UNKNOWN_MEMBER_ID; Kafka sees the protocols first" }
]

const admin: ReadonlyArray<Open> = [
  { step: /^create topics: CreatePartitions v\d+ of "__consumer_offsets"$/, path: /errorCode$/, reason: "CreatePartitions: of an internal topic is POLICY_VIOLATION; Kafka looks at the number alone" },
  { step: /^delete topics: DeleteTopics v6 (twice|id twice)$/, path: /(topicId|name)$/, reason: "DeleteTopics: a duplicate is answered with id and name; Kafka answers with what the request had" },
  { step: /^replicas: ElectLeaders v\d+ type (2|-1)/, path: /./, reason: "ElectLeaders: an unknown type names no partitions; Kafka answers each of them" },
  { step: /^replicas: ElectLeaders v\d+ twice$/, path: /./, reason: "ElectLeaders: a partition that is named twice is answered once" },
  { step: /^replicas: AlterPartitionReassignments v\d+ partition twice$/, path: /errorCode$/, reason: "AlterPartitionReassignments: a partition that is named twice is refused; Kafka decides each" },
  { step: /^replicas: DescribeQuorum v\d+ (unknown|two|none|no partitions)/, path: /./, reason: "DescribeQuorum: anything but the one partition of the log is refused as a whole in Kafka, here each for itself" },
  { step: /^configs: \w+ v\d+ topic ""$/, path: /errorCode$/, reason: "AlterConfigs: the empty topic is INVALID_TOPIC_EXCEPTION; Kafka answers INVALID_REQUEST" },
  { step: /^configs: IncrementalAlterConfigs v\d+ broker "" read-only key$/, path: /./, reason: "num.partitions can be changed for all brokers while they run; in Kafka it cannot" },
  { step: /^configs: IncrementalAlterConfigs v\d+ type 32$/, path: /errorCode$/, reason: "IncrementalAlterConfigs: configurations of groups are INVALID_REQUEST; Kafka knows them" },
  { step: /^configs: IncrementalAlterConfigs v\d+ twice$/, path: /./, reason: "IncrementalAlterConfigs: a resource that is named twice is answered once; Kafka answers it twice" },
  { step: /^configs: AlterConfigs v\d+ (broker ""|type (16|32))$/, path: /./, reason: "AlterConfigs: all brokers at once are taken and unknown types refused; Kafka does the opposite" },
  { step: /^metadata: DescribeConfigs v4 of __/, path: /\[(compression\.type|cleanup\.policy|retention\.ms|unclean\.leader\.election\.enable)\]/, reason: "__transaction_state and __share_group_state begin with other configurations" },
  { step: /^configs: DescribeConfigs v\d+ broker "01"$/, path: /./, reason: "DescribeConfigs: a broker id with leading zeros is refused; Kafka reads the number" },
  { step: /^configs: DescribeConfigs/, path: /\[log\.dir\]\.configType$/, reason: "DescribeConfigs: log.dir is a list in Kafka 4.3" },
  { step: /^configs: DescribeConfigs v\d+ broker/, path: /configType$/, reason: "DescribeConfigs: types of broker keys (SHORT is told as INT, some class names as CLASS)" },
  { step: /^replicas: AddRaftVoter v\d+ cluster null$/, path: /errorCode$/, reason: "AddRaftVoter: a voter without listeners that nobody has heard of becomes a learner, and the request times out; Kafka answers INVALID_REQUEST" },
  { step: /^configs: DescribeConfigs/, path: /synonyms/, reason: "DescribeConfigs: which defaults count as synonyms" }
]

/** Differences that wait for their repair. Whoever repairs one takes its line away. */
export const open: ReadonlyArray<Open> = [...produce, ...reads, ...admin]
