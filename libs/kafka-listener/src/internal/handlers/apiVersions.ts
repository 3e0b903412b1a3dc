import { decodeApiVersionsRequest, encodeApiVersionsResponse, ErrorCode } from "@tailrace/kafka-protocol"
import { supportedFeatures } from "@tailrace/metadata"
import type { Call } from "../Call.ts"

/** From this version on clients name their software (KIP-511). */
const softwareVersionMin = 3
const softwareName = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/

/**
 * Names every API and the versions that are served whole, the features that this node can do, and their levels as the
 * cluster has agreed on them.
 */
export function handleApiVersions(call: Call): void {
  const { apiVersion } = call
  const request = decodeApiVersionsRequest(call.reader, apiVersion)
  const isNamed = apiVersion < softwareVersionMin ||
    softwareName.test(request.clientSoftwareName) && softwareName.test(request.clientSoftwareVersion)
  if (!isNamed) call.reply(encodeApiVersionsResponse, { errorCode: ErrorCode.INVALID_REQUEST, apiKeys: [] })
  else call.reply(encodeApiVersionsResponse, { errorCode: ErrorCode.NONE, apiKeys: advertised(call), ...features(call) })
}

/**
 * A version of ApiVersions that is not known: the body is not read, and the answer has the shape of version 0, which
 * every client can read (KIP-511). Closing the connection instead would make newer clients unusable.
 */
export function answerUnknownApiVersionsVersion(call: Call): void {
  call.replyInVersion(encodeApiVersionsResponse, 0, { errorCode: ErrorCode.UNSUPPORTED_VERSION, apiKeys: advertised(call) })
}

function features({ context }: Call) {
  const { metadata, metadataOffset } = context.broker
  return {
    supportedFeatures: supportedFeatures.map(({ maxSupportedVersion, minSupportedVersion, name }) => ({
      name,
      minVersion: minSupportedVersion,
      maxVersion: maxSupportedVersion
    })),
    // The offset of the last record that was applied, as in Kafka; -1 before the first.
    finalizedFeaturesEpoch: metadataOffset - 1,
    finalizedFeatures: Array.from(metadata.features, ([name, level]) => ({ name, maxVersionLevel: level, minVersionLevel: level }))
  }
}

const advertised = ({ context }: Call) =>
  context.servedApis.map(({ key, versionMax, versionMin }) => ({ apiKey: key, minVersion: versionMin, maxVersion: versionMax }))
