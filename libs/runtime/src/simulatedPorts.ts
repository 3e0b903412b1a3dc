import * as EffectClock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as EffectRandom from "effect/Random"
import * as Scheduler from "effect/Scheduler"
import type { Clock } from "./Clock.ts"
import { Ports } from "./Ports.ts"
import type { SeededRandom } from "./SeededRandom.ts"

/**
 * The given ports for our code, and the same time, choices and turns for Effect's own sleeps, time-outs, jitter
 * and fibers: with it a seed decides the order of everything, as long as nothing uses raw timers.
 */
export const simulatedPorts = (ports: Ports["Service"] & { readonly random: SeededRandom }): Layer.Layer<Ports> =>
  Layer.mergeAll(
    Layer.succeed(Ports, ports),
    Layer.succeed(EffectClock.Clock, effectClock(ports.clock)),
    Layer.succeed(EffectRandom.Random, {
      nextIntUnsafe: () => ports.random.nextUint32(),
      nextDoubleUnsafe: () => ports.random.nextFraction()
    }),
    Layer.succeed(Scheduler.Scheduler, new Scheduler.MixedScheduler("async", (task) => {
      let isLive = true
      ports.clock.endOfTurn(() => {
        if (isLive) task()
      })
      return () => {
        isLive = false
      }
    }))
  )

function effectClock(clock: Clock): EffectClock.Clock {
  const nanos = (millis: number): bigint => BigInt(Math.round(millis * 1_000)) * 1_000n
  const wallNanos = (): bigint => nanos(clock.wallMillis())
  const monotonicNanos = (): bigint => nanos(clock.monotonicMillis())
  return {
    currentTimeMillisUnsafe: () => clock.wallMillis(),
    currentTimeMillis: Effect.sync(() => clock.wallMillis()),
    currentTimeNanosUnsafe: wallNanos,
    currentTimeNanos: Effect.sync(wallNanos),
    monotonicTimeNanosUnsafe: monotonicNanos,
    monotonicTimeNanos: Effect.sync(monotonicNanos),
    sleep: (duration) =>
      Effect.callback<void>((resume) => {
        const cancel = clock.after(Duration.toMillis(duration), () => resume(Effect.void))
        return Effect.sync(cancel)
      })
  }
}
