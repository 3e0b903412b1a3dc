/** Plain numbers, counted on the hot path and sampled by whoever exposes them. */
export class ListenerMetrics {
  connections = 0
  connectionsAccepted = 0
  /** Connections that this side ended, by reason: they are the first thing to look at when a client misbehaves. */
  closedForMalformedRequest = 0
  closedForIdleness = 0
  requests = 0
  bytesIn = 0
  bytesOut = 0
  /** Requests by api key; index 0 is Produce. */
  readonly requestsByApi: Array<number> = []

  countRequest(apiKey: number): void {
    this.requests++
    this.requestsByApi[apiKey] = (this.requestsByApi[apiKey] ?? 0) + 1
  }
}
