import type { KnownDifference } from "./differences.ts"

type Open = Omit<KnownDifference, "kind">


const produce: ReadonlyArray<Open> = [
  { step: /^idempotence: InitProducerId v\d+ id (-1 epoch 0|0 epoch -1)$/, path: /./, reason: "InitProducerId: an id without an epoch, or the other way round, gets an id; Kafka answers INVALID_REQUEST" }
]

const reads: ReadonlyArray<Open> = [
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
  { step: /^configs: DescribeConfigs/, path: /synonyms/, reason: "DescribeConfigs: which defaults count as synonyms" }
]

/** Differences that wait for their repair. Whoever repairs one takes its line away. */
export const open: ReadonlyArray<Open> = [...produce, ...reads, ...admin]
