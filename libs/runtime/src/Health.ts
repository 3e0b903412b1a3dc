export type ComponentState = "starting" | "ready" | "unready" | "failed"

export interface ComponentHealth {
  readonly name: string
  readonly state: ComponentState
  /** Why it is not ready, or what it failed of. */
  readonly reason: string | undefined
}

export interface HealthReport {
  /** False once a component has failed for good: restarting the process is the only help. */
  readonly alive: boolean
  /** True while every component does its work. */
  readonly ready: boolean
  readonly components: ReadonlyArray<ComponentHealth>
}

/** One part of the node tells how it is through this handle. */
export interface HealthComponent {
  ready(): void
  unready(reason: string): void
  /** There is no way back: what failed for good stays failed. */
  failed(reason: string): void
  /** The component has ended in order and does not count any more. */
  remove(): void
}

/** What the node's parts say about themselves. A node without components is alive and not ready. */
export class Health {
  readonly #components = new Map<string, ComponentHealth>()
  readonly #listeners = new Set<(report: HealthReport) => void>()

  /** A component counts from here on, as starting. */
  register(name: string): HealthComponent {
    if (this.#components.has(name)) throw new Error(`health component ${name} exists`)
    const set = (state: ComponentState, reason?: string): void => {
      const before = this.#components.get(name)
      if (before === undefined || before.state === "failed") return
      if (before.state === state && before.reason === reason) return
      this.#components.set(name, { name, state, reason })
      this.#changed()
    }
    this.#components.set(name, { name, state: "starting", reason: undefined })
    this.#changed()
    return {
      ready: () => set("ready"),
      unready: (reason) => set("unready", reason),
      failed: (reason) => set("failed", reason),
      remove: () => {
        if (this.#components.delete(name)) this.#changed()
      }
    }
  }

  report(): HealthReport {
    const components = [...this.#components.values()]
    return {
      alive: components.every((component) => component.state !== "failed"),
      ready: components.length > 0 && components.every((component) => component.state === "ready"),
      components
    }
  }

  /** Called after every change; the returned function ends it. */
  onChange(listener: (report: HealthReport) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #changed(): void {
    if (this.#listeners.size === 0) return
    const report = this.report()
    for (const listener of this.#listeners) listener(report)
  }
}
