import * as protocol from "@tailrace/kafka-protocol"

export interface HostAndPort {
  readonly host: string
  readonly port: number
}

const { ApiKey } = protocol

/**
 * Versions up to which answers hold no addresses of brokers; from there on produce and fetch answers name new leaders, and would
 * lead clients past the proxy.
 */
const withoutAddressesMax: ReadonlyMap<number, number> = new Map([[ApiKey.Produce, 9], [ApiKey.Fetch, 15]])

const addressed: ReadonlySet<number> = new Set([ApiKey.Metadata, ApiKey.FindCoordinator, ApiKey.DescribeCluster])

/** Whether answers of an API have to be changed before a client gets them. */
export const isRewritten = (apiKey: number): boolean => apiKey === ApiKey.ApiVersions || addressed.has(apiKey)

/** The frame of an answer in which brokers have the addresses that `addressOf` gives them, and versions are those that can be changed. */
export const rewriteAnswer = async (
  frame: Buffer, apiKey: number, version: number, addressOf: (broker: HostAndPort) => Promise<HostAndPort>
): Promise<ReadonlyArray<Buffer>> => {
  const reader = new protocol.Reader(frame)
  const correlationId = protocol.decodeResponseHeader(reader, apiKey, version)
  const writer = new protocol.Writer()
  protocol.encodeResponseHeader(writer, apiKey, version, correlationId)
  const moved = async <T extends HostAndPort>(broker: T): Promise<T> =>
    broker.port > 0 ? { ...broker, ...await addressOf({ host: broker.host, port: broker.port }) } : broker
  const allMoved = <T extends HostAndPort>(brokers: ReadonlyArray<T>): Promise<ReadonlyArray<T>> => Promise.all(brokers.map(moved))
  switch (apiKey) {
    case ApiKey.Metadata: {
      const response = protocol.decodeMetadataResponse(reader, version)
      protocol.encodeMetadataResponse(writer, version, { ...response, brokers: await allMoved(response.brokers) })
      break
    }
    case ApiKey.FindCoordinator: {
      const response = await moved(protocol.decodeFindCoordinatorResponse(reader, version))
      protocol.encodeFindCoordinatorResponse(writer, version, { ...response, coordinators: await allMoved(response.coordinators) })
      break
    }
    case ApiKey.DescribeCluster: {
      const response = protocol.decodeDescribeClusterResponse(reader, version)
      protocol.encodeDescribeClusterResponse(writer, version, { ...response, brokers: await allMoved(response.brokers) })
      break
    }
    default: {
      // An answer that refuses the version of the question is always written in version 0.
      const isRefusal = reader.buffer.readInt16BE(reader.position) === protocol.ErrorCode.UNSUPPORTED_VERSION
      const written = isRefusal ? 0 : version
      const response = protocol.decodeApiVersionsResponse(reader, written)
      protocol.encodeApiVersionsResponse(writer, written, { ...response, apiKeys: response.apiKeys.map(limited) })
    }
  }
  return writer.finish()
}

const limited = <T extends { readonly apiKey: number; readonly maxVersion: number }>(api: T): T => {
  const known = addressed.has(api.apiKey) ? protocol.apiOf(api.apiKey)?.versionMax : undefined
  return { ...api, maxVersion: Math.min(api.maxVersion, withoutAddressesMax.get(api.apiKey) ?? known ?? api.maxVersion) }
}
