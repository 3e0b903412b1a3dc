import type { ControllerCalls } from "@tailrace/contracts"
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
import type { Call } from "../Call.ts"

const notReached = "The controller cannot be reached now; try again."

export function handleCreateTopics(call: Call): void {
  const request = decodeCreateTopicsRequest(call.reader, call.apiVersion)
  askController(call, "createTopics", request, (response) => call.reply(encodeCreateTopicsResponse, response), (errorCode) => ({
    topics: request.topics.map(({ name }) => ({ name, errorCode, errorMessage: notReached }))
  }))
}

export function handleDeleteTopics(call: Call): void {
  const request = decodeDeleteTopicsRequest(call.reader, call.apiVersion)
  askController(call, "deleteTopics", request, (response) => call.reply(encodeDeleteTopicsResponse, response), (errorCode) => ({
    responses: [...request.topics, ...request.topicNames.map((name) => ({ name, topicId: zeroUuid }))]
      .map(({ name, topicId }) => ({ name, topicId, errorCode, errorMessage: notReached }))
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

/** Asks the controller, wherever it is; where it cannot be reached, `refuse` says so for every item of the request. */
function askController<K extends keyof ControllerCalls>(
  call: Call,
  kind: K,
  request: ControllerCalls[K]["request"],
  reply: (response: ControllerCalls[K]["response"]) => void,
  refuse: (errorCode: number) => ControllerCalls[K]["response"]
): void {
  call.whenSettled(call.context.broker.controller.ask(kind, request, call.apiVersion), reply, (errorCode) => {
    reply(refuse(errorCode))
  })
}
