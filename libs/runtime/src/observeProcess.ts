import type { Metrics } from "./Metrics.ts"

/** The numbers of the process under the names that dashboards expect. They are read when somebody scrapes. */
export function observeProcess(metrics: Metrics): void {
  metrics.observe("gauge", "process_resident_memory_bytes", "Resident memory.", () => process.memoryUsage.rss())
  metrics.observe("gauge", "nodejs_heap_size_used_bytes", "Heap in use.", () => process.memoryUsage().heapUsed)
  metrics.observe("gauge", "nodejs_external_memory_bytes", "Memory of buffers outside the heap.", () => process.memoryUsage().external)
  metrics.observe("counter", "process_cpu_seconds_total", "CPU time, user and system.", () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
}
