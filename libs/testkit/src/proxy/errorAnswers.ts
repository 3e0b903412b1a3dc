import * as protocol from "@tailrace/kafka-protocol"

/** Answers a request with an error code in the place where its API has it, for everything that was asked. */
type ErrorAnswer = (writer: protocol.Writer, reader: protocol.Reader, version: number, errorCode: number) => void

const define = <Request, Response>(
  decode: (reader: protocol.Reader, version: number) => Request,
  encode: (writer: protocol.Writer, version: number, response: Response) => void,
  answer: (request: Request, errorCode: number, version: number) => Response
): ErrorAnswer => (writer, reader, version, errorCode) => encode(writer, version, answer(decode(reader, version), errorCode, version))

const { ApiKey, zeroUuid } = protocol
const nowhere = { nodeId: -1, host: "", port: -1 }

/** The APIs of which one request can be answered instead of the broker. */
export const errorAnswers: ReadonlyMap<number, ErrorAnswer> = new Map<number, ErrorAnswer>([
  [ApiKey.Produce, define(protocol.decodeProduceRequest, protocol.encodeProduceResponse, (request, errorCode) => ({
    responses: request.topicData.map(({ name, topicId, partitionData }) => ({
      name, topicId, partitionResponses: partitionData.map(({ index }) => ({ index, errorCode, baseOffset: -1 }))
    }))
  }))],
  [ApiKey.Fetch, define(protocol.decodeFetchRequest, protocol.encodeFetchResponse, (request, errorCode) => ({
    responses: request.topics.map(({ topic, topicId, partitions }) => ({
      topic, topicId, partitions: partitions.map(({ partition }) => ({ partitionIndex: partition, errorCode, highWatermark: -1, records: null }))
    }))
  }))],
  [ApiKey.ListOffsets, define(protocol.decodeListOffsetsRequest, protocol.encodeListOffsetsResponse, (request, errorCode) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name, partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode, timestamp: -1, offset: -1, leaderEpoch: -1 }))
    }))
  }))],
  [ApiKey.Metadata, define(protocol.decodeMetadataRequest, protocol.encodeMetadataResponse, (request, errorCode) => ({
    brokers: [], topics: (request.topics ?? []).map(({ name, topicId }) => ({ name, topicId, errorCode, isInternal: false, partitions: [] }))
  }))],
  [ApiKey.FindCoordinator, define(protocol.decodeFindCoordinatorRequest, protocol.encodeFindCoordinatorResponse, (request, errorCode, version) =>
    version >= 4 ? { coordinators: request.coordinatorKeys.map((key) => ({ key, ...nowhere, errorCode })) } : { ...nowhere, errorCode })],
  [ApiKey.OffsetCommit, define(protocol.decodeOffsetCommitRequest, protocol.encodeOffsetCommitResponse, (request, errorCode) => ({
    topics: request.topics.map((topic) => ({
      ...topic, partitions: topic.partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode }))
    }))
  }))],
  [ApiKey.OffsetFetch, define(protocol.decodeOffsetFetchRequest, protocol.encodeOffsetFetchResponse, (request, errorCode, version) =>
    version >= 8 ? { groups: request.groups.map(({ groupId }) => ({ groupId, topics: [], errorCode })) } : { topics: [], errorCode })],
  [ApiKey.JoinGroup, define(protocol.decodeJoinGroupRequest, protocol.encodeJoinGroupResponse, ({ memberId }, errorCode) =>
    ({ errorCode, generationId: -1, protocolName: "", leader: "", memberId, members: [] }))],
  [ApiKey.SyncGroup, define(protocol.decodeSyncGroupRequest, protocol.encodeSyncGroupResponse, (_, errorCode) =>
    ({ errorCode, assignment: Buffer.alloc(0) }))],
  [ApiKey.Heartbeat, define(protocol.decodeHeartbeatRequest, protocol.encodeHeartbeatResponse, (_, errorCode) => ({ errorCode }))],
  [ApiKey.LeaveGroup, define(protocol.decodeLeaveGroupRequest, protocol.encodeLeaveGroupResponse, (_, errorCode) => ({ errorCode, members: [] }))],
  [ApiKey.InitProducerId, define(protocol.decodeInitProducerIdRequest, protocol.encodeInitProducerIdResponse, (_, errorCode) =>
    ({ errorCode, producerId: -1, producerEpoch: -1 }))],
  [ApiKey.CreateTopics, define(protocol.decodeCreateTopicsRequest, protocol.encodeCreateTopicsResponse, (request, errorCode) => ({
    topics: request.topics.map(({ name }) => ({ name, topicId: zeroUuid, errorCode, errorMessage: null }))
  }))]
])
