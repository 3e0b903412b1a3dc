import { decodeDescribeConfigsRequest, encodeDescribeConfigsResponse } from "@tailrace/kafka-protocol"
import { describeConfigs } from "@tailrace/metadata"
import type { Call } from "../Call.ts"

export function handleDescribeConfigs(call: Call): void {
  const { broker } = call.context
  const request = decodeDescribeConfigsRequest(call.reader, call.apiVersion)
  call.reply(encodeDescribeConfigsResponse, describeConfigs(broker.metadata, broker.config, request))
}
