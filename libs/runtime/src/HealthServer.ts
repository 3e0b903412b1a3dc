import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Health, HealthReport } from "./Health.ts"
import type { Metrics } from "./Metrics.ts"

export interface HealthServerOptions {
  readonly health: Health
  readonly metrics: Metrics
  /** Only this machine, unless somebody decides otherwise. */
  readonly host?: string
  /** 0 lets the operating system choose. */
  readonly port?: number
  readonly connectionsMax?: number
  /** How long a client may take to send its headers. */
  readonly headersMillisMax?: number
  readonly headerBytesMax?: number
}

const portDefault = 9644

/** Answers `/metrics`, `/healthz` (restart me if not 200) and `/readyz` (send me traffic if 200). */
export class HealthServer {
  readonly host: string
  readonly port: number
  readonly #server: Server

  private constructor(server: Server) {
    const address = server.address() as AddressInfo
    this.host = address.address
    this.port = address.port
    this.#server = server
  }

  /** Rejects with the system's error, for example EADDRINUSE. Node's HTTP server is loaded only here: it costs 25 ms. */
  static async start(options: HealthServerOptions): Promise<HealthServer> {
    const { createServer } = await import("node:http")
    const headersMillisMax = options.headersMillisMax ?? 5_000
    const server = createServer(
      {
        headersTimeout: headersMillisMax,
        requestTimeout: headersMillisMax,
        keepAliveTimeout: 10_000,
        connectionsCheckingInterval: Math.min(1_000, headersMillisMax),
        maxHeaderSize: options.headerBytesMax ?? 8 * 1024
      },
      (request, response) => answer(options, request, response)
    )
    server.maxConnections = options.connectionsMax ?? 64
    return new Promise((resolve, reject) => {
      server.once("error", reject)
      server.listen({ host: options.host ?? "127.0.0.1", port: options.port ?? portDefault }, () => {
        server.off("error", reject)
        // A socket that cannot be accepted is the client's loss; the node lives on.
        server.on("error", () => {})
        resolve(new HealthServer(server))
      })
    })
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }
}

function answer({ health, metrics }: HealthServerOptions, request: IncomingMessage, response: ServerResponse): void {
  const send = (status: number, type: string, body: string): void => {
    response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body), "cache-control": "no-store" })
    response.end(request.method === "HEAD" ? undefined : body)
  }
  const sendReport = (report: HealthReport, isGood: boolean): void =>
    send(isGood ? 200 : 503, "application/json", `${JSON.stringify(report)}\n`)
  if (request.method !== "GET" && request.method !== "HEAD") return send(405, "text/plain", "GET or HEAD\n")
  const report = health.report()
  switch (request.url?.split("?", 1)[0]) {
    case "/metrics":
      return send(200, "text/plain; version=0.0.4; charset=utf-8", metrics.expose())
    case "/healthz":
      return sendReport(report, report.alive)
    case "/readyz":
      return sendReport(report, report.alive && report.ready)
    default:
      return send(404, "text/plain", "/metrics, /healthz or /readyz\n")
  }
}
