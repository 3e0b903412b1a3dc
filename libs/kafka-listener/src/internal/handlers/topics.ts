import {
  decodeAlterConfigsRequest,
  decodeCreatePartitionsRequest,
  decodeCreateTopicsRequest,
  decodeDeleteTopicsRequest,
  decodeIncrementalAlterConfigsRequest,
  encodeAlterConfigsResponse,
  encodeCreatePartitionsResponse,
  encodeCreateTopicsResponse,
  encodeDeleteTopicsResponse,
  encodeIncrementalAlterConfigsResponse,
  zeroUuid
} from "@tailrace/kafka-protocol"
import { askController, notReached } from "../askController.ts"
import type { Call } from "../Call.ts"

export function handleCreateTopics(call: Call): void {
  const request = decodeCreateTopicsRequest(call.reader, call.apiVersion)
  askController(call, "createTopics", request, (response) => call.reply(encodeCreateTopicsResponse, response), (errorCode) => ({
    topics: request.topics.map(({ name }) => ({ name, errorCode, errorMessage: notReached }))
  }))
}

export function handleDeleteTopics(call: Call): void {
  const request = decodeDeleteTopicsRequest(call.reader, call.apiVersion)
  // Old versions have a list of names instead. A request that is passed on to another node travels in the newest version.
  const topics = [...request.topics, ...request.topicNames.map((name) => ({ name, topicId: zeroUuid }))]
  const asked = { ...request, topics, topicNames: [] }
  askController(call, "deleteTopics", asked, (response) => call.reply(encodeDeleteTopicsResponse, response), (errorCode) => ({
    responses: topics.map(({ name, topicId }) => ({ name, topicId, errorCode, errorMessage: notReached }))
  }))
}

export function handleCreatePartitions(call: Call): void {
  const request = decodeCreatePartitionsRequest(call.reader, call.apiVersion)
  askController(call, "createPartitions", request, (response) => call.reply(encodeCreatePartitionsResponse, response), (errorCode) => ({
    results: request.topics.map(({ name }) => ({ name, errorCode, errorMessage: notReached }))
  }))
}

export function handleIncrementalAlterConfigs(call: Call): void {
  const request = decodeIncrementalAlterConfigsRequest(call.reader, call.apiVersion)
  askController(call, "incrementalAlterConfigs", request, (response) => call.reply(encodeIncrementalAlterConfigsResponse, response), (errorCode) => ({
    responses: request.resources.map(({ resourceName, resourceType }) => ({
      errorCode,
      errorMessage: notReached,
      resourceType,
      resourceName
    }))
  }))
}

/** Replaces the whole configuration of each resource (the call that old clients have). */
export function handleAlterConfigs(call: Call): void {
  const request = decodeAlterConfigsRequest(call.reader, call.apiVersion)
  askController(call, "alterConfigs", request, (response) => call.reply(encodeAlterConfigsResponse, response), (errorCode) => ({
    responses: request.resources.map(({ resourceName, resourceType }) => ({
      errorCode,
      errorMessage: notReached,
      resourceType,
      resourceName
    }))
  }))
}
