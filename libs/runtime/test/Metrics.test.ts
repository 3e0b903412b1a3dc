import { describe, expect, it } from "vitest"
import { Histogram } from "../src/Histogram.ts"
import { Metrics } from "../src/Metrics.ts"
import { observeProcess } from "../src/observeProcess.ts"

describe("Metrics", () => {
  it("shows the text format of Prometheus", () => {
    const metrics = new Metrics()
    metrics.counter("tailrace_produce_bytes_total", "Bytes\nproduced.", { topic: 'a"b\\c\nd', partition: 3 }).add(10)
    metrics.counter("tailrace_produce_bytes_total", "Bytes\nproduced.", { partition: 3, topic: 'a"b\\c\nd' }).add(5)
    metrics.gauge("tailrace_connections", "Open connections.").set(-1.5)
    metrics.observe("gauge", "tailrace_lag", "Lag.", () => Infinity)
    const histogram = metrics.histogram("tailrace_ack_millis", "Time to ack.", { acks: "all" }, [1, 10])
    for (const value of [0.5, 1, 2, 100]) histogram.record(value)
    expect(metrics.expose()).toBe(`# HELP tailrace_metrics_hidden_series_total Series above the maximum, which are not shown.
# TYPE tailrace_metrics_hidden_series_total counter
tailrace_metrics_hidden_series_total 0
# HELP tailrace_produce_bytes_total Bytes\\nproduced.
# TYPE tailrace_produce_bytes_total counter
tailrace_produce_bytes_total{partition="3",topic="a\\"b\\\\c\\nd"} 15
# HELP tailrace_connections Open connections.
# TYPE tailrace_connections gauge
tailrace_connections -1.5
# HELP tailrace_lag Lag.
# TYPE tailrace_lag gauge
tailrace_lag +Inf
# HELP tailrace_ack_millis Time to ack.
# TYPE tailrace_ack_millis histogram
tailrace_ack_millis_bucket{acks="all",le="1"} 2
tailrace_ack_millis_bucket{acks="all",le="10"} 3
tailrace_ack_millis_bucket{acks="all",le="+Inf"} 4
tailrace_ack_millis_sum{acks="all"} 103.5
tailrace_ack_millis_count{acks="all"} 4
`)
  })

  it("bounds the series, and makes room when one is removed", () => {
    const metrics = new Metrics({ seriesMax: 2 })
    const shown = (): number => metrics.expose().match(/^tailrace_x/gm)?.length ?? 0
    for (let n = 0; n < 5; n++) metrics.counter("tailrace_x", "x", { n }).add()
    expect(shown()).toBe(1)
    expect(metrics.expose()).toContain("hidden_series_total 4")
    metrics.remove("tailrace_x", { n: 0 })
    metrics.remove("tailrace_x", { n: 0 })
    metrics.counter("tailrace_x", "x", { n: 9 })
    expect(shown()).toBe(1)
    expect(metrics.expose()).toContain('tailrace_x{n="9"} 0')
  })

  it("refuses one name for two kinds and names that Prometheus would not take", () => {
    const metrics = new Metrics()
    metrics.counter("tailrace_x", "x")
    expect(() => metrics.gauge("tailrace_x", "x")).toThrow("is a counter")
    expect(() => metrics.gauge("bad-name", "x")).toThrow("bad-name")
  })
})

describe("observeProcess", () => {
  it("shows memory and CPU time of this process", () => {
    const metrics = new Metrics()
    observeProcess(metrics)
    const value = (name: string): number => Number(new RegExp(`^${name} (.+)$`, "m").exec(metrics.expose())?.[1])
    expect(value("process_resident_memory_bytes")).toBeGreaterThan(value("nodejs_heap_size_used_bytes"))
    expect(value("process_cpu_seconds_total")).toBeGreaterThan(0)
  })
})

describe("Histogram", () => {
  it("puts a value on a bound into that bound's bucket and estimates quantiles from above", () => {
    const histogram = new Histogram([1, 2, 4])
    expect(histogram.quantile(0.5)).toBeNaN()
    for (const value of [1, 1.5, 2, 3, 9]) histogram.record(value)
    expect([...histogram.counts]).toEqual([1, 2, 1, 1])
    expect([0, 0.2, 0.6, 0.8, 1].map((fraction) => histogram.quantile(fraction))).toEqual([1, 1, 2, 4, Infinity])
    expect(() => new Histogram([2, 2])).toThrow("rise")
  })
})
