import type { Broker } from "@tailrace/contracts"

export interface BrokerAddress {
  readonly brokerId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
  readonly isFenced: boolean
}

/** The brokers that have a listener of this name, with their addresses there. Fenced ones are left out unless asked for. */
export function brokersOn(broker: Broker, listenerName: string, includeFenced = false): ReadonlyArray<BrokerAddress> {
  const found: Array<BrokerAddress> = []
  for (const { brokerId, endPoints, fenced, rack } of broker.metadata.brokers) {
    const endPoint = endPoints.find(({ name }) => name === listenerName)
    if (endPoint === undefined || fenced && !includeFenced) continue
    found.push({ brokerId, host: endPoint.host, port: endPoint.port, rack, isFenced: fenced })
  }
  return found
}
