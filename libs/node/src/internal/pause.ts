import type { Clock } from "@tailrace/runtime"

export const pause = (clock: Clock, millis: number): Promise<void> => new Promise((resolve) => void clock.after(millis, resolve))
