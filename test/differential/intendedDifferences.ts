import type { KnownDifference } from "./differences.ts"

const brokerStep = /^configs: DescribeConfigs v\d+ (broker|several)/
const settings = [
  "listeners", "advertised.listeners", "inter.broker.listener.name", "controller.listener.names", "controller.quorum.voters", "log.dirs?", "node.id", "broker.id", "process.roles", "listener.security.protocol.map",
  "group.initial.rebalance.delay.ms", "(offsets.topic|transaction.state.log|share.coordinator.state.topic).(replication.factor|min.isr)"
].map((key) => key.replaceAll(".", "\\."))
const ownDefaults = [
  "broker.heartbeat.interval.ms", "broker.session.timeout.ms", "controller.quorum.election.timeout.ms", "controller.quorum.request.timeout.ms", "group.coordinator.append.linger.ms", "group.coordinator.rebalance.protocols",
  "metric.reporters", "principal.builder.class", "replica.fetch.response.max.bytes", "replica.lag.time.max.ms", "replica.socket.timeout.ms", "sasl.enabled.mechanisms",
  "sasl.mechanism.controller.protocol", "sasl.mechanism.inter.broker.protocol", "sasl.oauthbearer.expected.audience"
].map((key) => key.replaceAll(".", "\\."))
const synonymsOfTopic = /\[(flush\.ms|segment\.ms|segment\.jitter\.ms|retention\.ms|remote\.(log|storage)\.[a-z.]+|(leader|follower)\.replication\.throttled\.replicas)\]\.synonyms\[/

/** A batch that one side took and the other refused moves the offsets of what follows in its partition. */
const wrongBatch = (labels: string): RegExp => new RegExp(`^produce: \\w+ v\\d+ (after )?(${labels})$`)

/** Differences that are to stay. */
export const intended: ReadonlyArray<Omit<KnownDifference, "kind">> = [
  { step: /./, path: /(^|\.)errorMessage$/, when: ({ kafka, ours }) => kafka === null && ours === "a message", reason: "we say why, where Kafka gives the code alone" },
  { step: /./, path: /(^|\.)errorMessage$/, when: ({ kafka, ours }) => kafka === "a message" && ours === null, reason: "beside no error Kafka says NONE or an empty string, we say nothing" },
  { step: /^cluster: ApiVersions/, path: /^(apiKeys|supportedFeatures|finalizedFeatures)/, reason: "each server tells its own APIs, versions and features" },
  { step: /^metadata: Metadata v\d+ creates/, path: /^topics\[/, reason: "a topic that comes into being is in the first answer already, and one that cannot be is told; Kafka answers UNKNOWN_TOPIC_OR_PARTITION until it is there" },
  { step: /^metadata: Metadata v\d+ zero id/, path: /./, reason: "Kafka's handler throws (UNKNOWN_SERVER_ERROR)" },
  { step: /^(list offsets|fetch): \w+ v\d+ isolation (2|-1)/, path: /./, reason: "Kafka's handler throws at an unknown isolation level; here it is as good as none" },
  { step: /^fetch: Fetch v\d+ (partition )?bytes -1/, path: /./, reason: "Kafka's handler throws; a negative limit is as good as 0, which lets one batch pass" },
  { step: /^produce: Produce v\d+ (acks 0 )?null records/, path: /./, reason: "Kafka's handler throws and never answers" },
  { step: /^produce: Produce v\d+ codec [57]$/, path: /errorCode$/, reason: "Kafka's handler throws (UNKNOWN_SERVER_ERROR)" },
  { step: /^create topics: CreatePartitions v\d+ to 2147483647/, path: /errorCode$/, reason: "Kafka's controller throws (UNKNOWN_SERVER_ERROR)" },
  { step: /^configs: IncrementalAlterConfigs v\d+ operation/, path: /errorCode$/, reason: "Kafka's handler throws (UNKNOWN_SERVER_ERROR)" },
  { step: /^replicas: DescribeTopicPartitions v\d+ unknown$/, path: /./, reason: "Kafka's handler throws at an illegal name, for all topics of the request" },
  { step: /^produce: \w+ v\d+ (after )?(codec (gzip|zstd|snappy|lz4) of plain|max timestamp wrong|payload)/, path: /./, reason: "records are never opened: what a client compressed or wrote wrongly inside a batch is stored" },
  { step: /^produce: Produce v\d+ codec [1-4] (count|offsets)/, path: /./, reason: "records are never opened: compressed ones are not counted" },
  { step: /^truncated: ListOffsets v9 cut at 6 -3$/, path: /./, reason: "the log is empty; Kafka names a record that was deleted" },
  { step: /^timestamps: Produce v\d+ before second too old/, path: /./, reason: "records are never opened: times are judged by the batch's base and maximum" },
  { step: /^timestamps: Produce v\d+ before none/, path: /baseOffset$/, reason: "a consequence of the batch before" },
  { step: /^timestamps: Produce v\d+ uncompressed/, path: /./, reason: "batches are stored as they came; compression.type does not change them" },
  { step: /: Produce v/, path: /recordErrors\.length$/, reason: "records are never opened: a refused batch does not name those that were wrong (KIP-467)" },
  { step: /^produce: Produce v\d+ acks (2|-2|127) unknown/, path: /errorCode$/, reason: "an illegal acks is refused before topics are looked at" },
  { step: wrongBatch("bytes behind the batch|batch and half"), path: /./, reason: "bytes behind a whole batch are refused; Kafka drops them without a word" },
  { step: wrongBatch("log append time|delete horizon"), path: /./, reason: "attributes that only a broker sets are refused; Kafka clears or keeps them" },
  { step: wrongBatch("base timestamp negative"), path: /./, reason: "a time before 1970 is refused; Kafka stores it" },
  { step: wrongBatch("producer negative"), path: /./, reason: "a producer id below -1 is refused; Kafka takes it for none" },
  { step: /^idempotence: Produce v\d+ epoch -1$/, path: /errorCode$/, reason: "an id without an epoch is INVALID_RECORD like other headers that make no sense; Kafka answers INVALID_PRODUCER_EPOCH" },
  { step: /^produce: Produce v\d+ (partition|topic) twice$/, path: /./, reason: "a partition that is named twice is appended twice and answered twice; Kafka loses one of the two" },
  { step: /: Produce v/, path: /logStartOffset$/, when: ({ kafka, ours }) => kafka === -1 && ours === 0, reason: "beside INVALID_RECORD the start of the log is told, whoever found the fault" },
  { step: /^truncated: ListOffsets v9 filled again -3$/, path: /./, reason: "the newest record is one that is there; Kafka names a deleted one" },
  { step: /^leader epochs: OffsetForLeaderEpoch v\d+ epoch -2/, path: /(leaderEpoch|endOffset)$/, reason: "an epoch below -1 never was; Kafka takes it for one from before the log" },
  { step: /^produce: Produce v\d+ (empty )?transactional/, path: /./, reason: "no transactions: refused by codes that clients do not retry" },
  { step: / no partitions$|OffsetDelete v0 unknown topic$/, path: /^(topics|responses)(\[[^\]]*\])$/, when: ({ kafka }) => kafka === undefined, reason: "a topic without partitions is named in the answer" },
  { step: /^create topics: CreateTopics v\d+ timeout/, path: /./, reason: "what is decided at once needs no time; Kafka refuses a request without any" },
  { step: /^create topics: CreatePartitions v\d+ of "__consumer_offsets"$/, path: /errorCode$/, reason: "the number of its partitions says which one a group's offsets are in, so it is refused; Kafka lets it grow" },
  { step: /^delete topics: DeleteTopics v\d+ timeout/, path: /./, reason: "the same" },
  { step: /^replicas: ElectLeaders v\d+ timeout/, path: /./, reason: "the same" },
  { step: /^create topics: CreateTopics v7 /, path: /topicId$/, when: ({ ours }) => ours === "AAAAAAAAAAAAAAAAAAAAAA", reason: "a topic that is only validated has no id; Kafka shows one that it throws away" },
  { step: /^delete topics: Fetch v12 made anew/, path: /partitionLeaderEpoch$/, reason: "a new topic begins above the leader epochs of deleted ones" },
  { step: /^replicas: DescribeQuorum v\d+ good/, path: /(leaderEpoch|highWatermark|logEndOffset|replicaDirectoryId|name)$/, reason: "each quorum has its own log; ours has no listener of its own, and tells its directory" },
  { step: /^configs: DescribeConfigs v\d+ (client metrics|group|logger)$/, path: /./, reason: "resources of what is not there are refused" },
  { step: /^configs: AlterConfigs v\d+ type 16$/, path: /errorCode$/, reason: "the same, also where nothing is to be changed" },
  { step: /^configs: IncrementalAlterConfigs v\d+ broker "" read-only key$/, path: /errorCode$/, reason: "num.partitions: the controller decides by it, for the whole cluster, so it can be changed while it runs" },
  { step: /^configs: DescribeConfigs v\d+ (topic with|set|deleted|replaced)/, path: synonymsOfTopic, when: ({ kafka }) => kafka === undefined, reason: "what gives a topic its value is named, though it be a weaker broker key or the key's own default; Kafka names nothing then" },
  { step: /^configs: DescribeConfigs v\d+ broker/, path: /^results\[0\]\.configs\[[^\]]+\]$/, when: ({ ours }) => ours === undefined, reason: "keys that mean nothing here" },
  { step: /^(configs|metadata): /, path: /\[min\.insync\.replicas\]/, reason: "Kafka 4 writes a value for all brokers when a cluster begins (KIP-966), we compute one from the number of replicas" },
  { step: /^create topics: /, path: /\[min\.insync\.replicas\]\.configSource$/, reason: "the same" },
  { step: /^configs: \w+ v\d+ broker ".*" unknown key/, path: /./, reason: "an unknown key is an error everywhere; Kafka takes unknown broker keys" },
  { step: /^configs: \w+ v\d+ broker "2"/, path: /errorCode$/, reason: "any broker answers for any other, so the wrong one is one that does not exist" },
  { step: brokerStep, path: new RegExp(`\\[(${settings.join("|")})\\].*(value|length|[sS]ource|readOnly|synonyms\\[[^\\]]*\\])$`), reason: "what the two servers were told when they started, and what each finds by itself" },
  { step: brokerStep, path: new RegExp(`\\[(${ownDefaults.join("|")})\\].*(value|length|synonyms\\[[^\\]]*\\])$`), reason: "defaults of our own: our cluster, quorum and security are others" },
  { step: brokerStep, path: /^results\[0\]\.configs\[[^\]]+\]$/, when: ({ kafka }) => kafka === undefined, reason: "keys that only we have, or that Kafka keeps to itself" },
  { step: brokerStep, path: /\[(num\.partitions|default\.replication\.factor)\]\.readOnly$/, reason: "the controller decides by these, for the whole cluster, so they can be changed while it runs" },
  { step: brokerStep, path: /\[(ssl\..*|sasl\..*|listener.*|principal\.builder\.class|log\.cleaner\.backoff\.ms)\]\.readOnly$/, reason: "these count at the start alone" },
  { step: /^replicas: RemoveRaftVoter v\d+ cluster null$/, path: /./, reason: "the quorum of this Kafka is a static one; the voter is the learner that AddRaftVoter has left here" },
  { step: /^frames: bytes: ApiVersions v(5|99|32767)$/, path: /the whole/, reason: "a header without tagged fields is enough for us to say which versions there are; Kafka closes" },
  { step: /^frames: bytes: (Metadata of -2 topics|a client id of length -2)/, path: /./, reason: "a length below -1 is malformed; Kafka takes it for null" },
  { step: /^frames: bytes: ApiVersions/, path: /^apiKeys/, reason: "who asks in an unknown version hears of all APIs, not of this one alone" }
]
