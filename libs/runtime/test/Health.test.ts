import { connect } from "node:net"
import { afterEach, describe, expect, it } from "vitest"
import { Health } from "../src/Health.ts"
import { HealthServer, type HealthServerOptions } from "../src/HealthServer.ts"
import { Metrics } from "../src/Metrics.ts"

describe("Health", () => {
  it("is ready when every component is, and never alive again after one has failed", () => {
    const health = new Health()
    const states: Array<string> = []
    const stop = health.onChange(({ alive, ready }) => states.push(`${alive ? "alive" : "dead"} ${ready ? "ready" : "unready"}`))
    expect(health.report()).toEqual({ alive: true, ready: false, components: [] })
    const log = health.register("log")
    log.ready()
    const listener = health.register("listener")
    listener.ready()
    listener.ready()
    log.unready("disk is full")
    listener.remove()
    log.failed("EIO")
    stop()
    log.ready()
    expect(states).toEqual(["alive unready", "alive ready", "alive unready", "alive ready", "alive unready", "alive unready", "dead unready"])
    expect(health.report().components).toEqual([{ name: "log", state: "failed", reason: "EIO" }])
    expect(() => health.register("log")).toThrow("exists")
  })
})

describe("HealthServer", () => {
  const servers: Array<HealthServer> = []
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close()
  })
  const start = async (options: Partial<HealthServerOptions> = {}) => {
    const health = new Health()
    const metrics = new Metrics()
    const server = await HealthServer.start({ health, metrics, port: 0, ...options })
    servers.push(server)
    const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init)
    return { health, metrics, server, get }
  }

  it("serves metrics, liveness and readiness to this machine only", async () => {
    const { health, metrics, server, get } = await start()
    expect(server.host).toBe("127.0.0.1")
    metrics.counter("tailrace_x_total", "x").add(3)
    const scraped = await get("/metrics?x=1")
    expect(scraped.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8")
    expect(await scraped.text()).toContain("tailrace_x_total 3\n")
    const log = health.register("log")
    expect([(await get("/healthz")).status, (await get("/readyz")).status]).toEqual([200, 503])
    log.ready()
    expect(await (await get("/readyz")).json()).toMatchObject({ ready: true, components: [{ name: "log" }] })
    log.failed("EIO")
    expect([(await get("/healthz")).status, (await get("/readyz")).status]).toEqual([503, 503])
  })

  it("refuses what it does not know", async () => {
    const { get } = await start()
    expect((await get("/else")).status).toBe(404)
    expect((await get("/metrics", { method: "POST", body: "x" })).status).toBe(405)
    const head = await get("/healthz", { method: "HEAD" })
    expect([head.status, await head.text()]).toEqual([200, ""])
  })

  it("does not wait for slow headers, nor take long ones", async () => {
    const { server } = await start({ headersMillisMax: 50, headerBytesMax: 1024 })
    const exchange = (text: string) =>
      new Promise<string>((resolve) => {
        let received = ""
        const socket = connect(server.port, "127.0.0.1", () => socket.write(text))
        socket.on("data", (chunk) => (received += chunk)).on("error", () => {}).on("close", () => resolve(received))
      })
    expect(await exchange("GET /metrics HTTP/1.1\r\nhost:")).toContain("408 Request Timeout")
    expect(await exchange(`GET /metrics HTTP/1.1\r\nhost: ${"x".repeat(2_000)}\r\n\r\n`)).toContain("431 ")
  })

  it("rejects a port that is taken", async () => {
    const { server } = await start()
    await expect(start({ port: server.port })).rejects.toMatchObject({ code: "EADDRINUSE" })
  })
})
