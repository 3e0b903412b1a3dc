// Whatever a tier starts or writes is undone when it ends, however it ends: by itself, by a signal or by a fault of its own.
// Actions run newest first and synchronously, because an exit handler cannot wait.

const actions = new Set<() => void>()
let isHooked = false

function runAll(): void {
  const newestFirst = [...actions].reverse()
  actions.clear()
  for (const action of newestFirst) {
    try {
      action()
    } catch {
      // One failed clean-up must not keep the others from running.
    }
  }
}

function hook(): void {
  isHooked = true
  process.on("exit", runAll)
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      runAll()
      process.exit(130)
    })
  }
}

/** Registers what to undo at exit and returns the function that takes the registration back. */
export function onExit(action: () => void): () => void {
  if (!isHooked) hook()
  actions.add(action)
  return () => {
    actions.delete(action)
  }
}
