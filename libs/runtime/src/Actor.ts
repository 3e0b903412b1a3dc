import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { formatActorAddress, type ActorAddress } from "./ActorAddress.ts"
import { ActorCrashed, ActorStopped } from "./ActorError.ts"
import { forkBackground, type Background } from "./Background.ts"

/** How to reach an actor; the same for one on this node and one on another. */
export interface ActorRef<Message, Reply, E> {
  readonly address: ActorAddress
  /** Fails with `E` when the actor refuses, `ActorCrashed` when it died on this very message. */
  readonly ask: (message: Message) => Effect.Effect<Reply, E | ActorStopped | ActorCrashed>
  /** Suspends while the mailbox is full: this is the actor's backpressure. */
  readonly tell: (message: Message) => Effect.Effect<void, ActorStopped>
}

export interface Actor<Message, Reply, E> extends ActorRef<Message, Reply, E> {
  /** For callers outside Effect: false where the mailbox is full or the actor gone, and then nothing was sent. */
  readonly tellUnsafe: (message: Message) => boolean
  /** Never succeeds; fails once the restart policy is exhausted. */
  readonly awaitFailure: Effect.Effect<never, ActorCrashed>
}

export interface ActorOptions<State, Message, Reply, E, R, R2 = never> {
  readonly address: ActorAddress
  readonly mailboxMessagesMax?: number
  /** Runs again after each crash: state is rebuilt, never repaired. */
  readonly init: Effect.Effect<State, never, R>
  readonly receive: (state: State, message: Message) => Effect.Effect<Reply, E, R>
  /** When and how often a crashed actor comes back. */
  readonly restart?: Schedule.Schedule<unknown, ActorCrashed>
  /** After a life of this length a crash counts as the first one again. */
  readonly restartResetMillis?: number
  /** What happens when the actor does not come back. Without it the node ends with the crash as its cause. */
  readonly onExhausted?: (crash: ActorCrashed) => Effect.Effect<void, never, R2>
}

export const mailboxMessagesMaxDefault = 1_024
export const restartResetMillisDefault = 60_000
/** 100 ms, 200 ms, ... five times. */
export const restartDefault: Schedule.Schedule<unknown, ActorCrashed> = Schedule.max([
  Schedule.exponential("100 millis"),
  Schedule.recurs(5)
])

interface Envelope<Message, Reply, E> {
  readonly message: Message
  readonly reply: Deferred.Deferred<Reply, E | ActorStopped | ActorCrashed>
}

/**
 * Starts an actor that lives as long as the caller's scope. A typed failure `E` answers the sender
 * and the actor goes on; a defect crashes it, and `restart` decides when it comes back. Messages in the
 * mailbox wait for it; the one it died on is answered with the crash and not tried again.
 */
export const spawn = Effect.fnUntraced(function*<State, Message, Reply, E, R, R2 = never>(
  options: ActorOptions<State, Message, Reply, E, R, R2>
): Effect.fn.Return<Actor<Message, Reply, E>, never, R | R2 | Background | Scope.Scope> {
  const address = formatActorAddress(options.address)
  const mailbox = yield* Queue.bounded<Envelope<Message, Reply, E>>(options.mailboxMessagesMax ?? mailboxMessagesMaxDefault)
  const failure = Deferred.makeUnsafe<never, ActorCrashed>()
  yield* supervised(options, address, mailbox).pipe(
    Effect.onExit((exit) =>
      Effect.sync(() => {
        stop(mailbox, address)
        Deferred.doneUnsafe(failure, exit)
      })
    ),
    Effect.annotateLogs("actor", address),
    Effect.forkScoped
  )
  const awaitFailure = Deferred.await(failure)
  // The background owns this fiber, so a crash that nobody waits for ends the node; a stop in order just ends it.
  const { onExhausted } = options
  yield* forkBackground(onExhausted === undefined ? awaitFailure : Effect.catch(awaitFailure, onExhausted))
  return { address: options.address, ...senders(mailbox, address), awaitFailure }
})

/** One life after the other, until the restart policy says no. */
function supervised<State, Message, Reply, E, R, R2>(
  options: ActorOptions<State, Message, Reply, E, R, R2>,
  address: string,
  mailbox: Queue.Queue<Envelope<Message, Reply, E>>
): Effect.Effect<never, ActorCrashed, R> {
  const resetMillis = options.restartResetMillis ?? restartResetMillisDefault
  let startedMillis = 0
  const now = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos / 1_000_000n))
  const livedLong = Effect.map(now, (millis) => millis - startedMillis >= resetMillis)
  const life = Effect.gen(function*() {
    startedMillis = yield* now
    const state = yield* options.init
    return yield* receiveAll(options, address, mailbox, state)
  }).pipe(
    // A retry never retries a defect, so it becomes a failure first.
    Effect.catchDefect((cause) => Effect.fail(new ActorCrashed({ address, cause }))),
    Effect.tapError((crash) => Effect.logWarning("actor crashed", crash))
  )
  const lives = Effect.retry(life, {
    schedule: options.restart ?? restartDefault,
    while: () => Effect.map(livedLong, (long) => !long)
  })
  const next: Effect.Effect<never, ActorCrashed, R> = Effect.catch(lives, (crash) =>
    Effect.flatMap(livedLong, (long) => (long ? next : Effect.fail(crash)))
  )
  return next
}

function receiveAll<State, Message, Reply, E, R, R2>(
  options: ActorOptions<State, Message, Reply, E, R, R2>,
  address: string,
  mailbox: Queue.Queue<Envelope<Message, Reply, E>>,
  state: State
): Effect.Effect<never, never, R> {
  const settle = (reply: Envelope<Message, Reply, E>["reply"], exit: Exit.Exit<Reply, E>): void => {
    if (Exit.isSuccess(exit)) Deferred.doneUnsafe(reply, exit)
    else if (Cause.hasDies(exit.cause)) {
      Deferred.doneUnsafe(reply, Exit.fail(new ActorCrashed({ address, cause: Cause.squash(exit.cause) })))
    } else if (Cause.hasInterrupts(exit.cause)) Deferred.doneUnsafe(reply, Exit.fail(new ActorStopped({ address })))
    else Deferred.doneUnsafe(reply, exit)
  }
  return Effect.gen(function*() {
    while (true) {
      const { message, reply } = yield* Queue.take(mailbox)
      yield* Effect.suspend(() => options.receive(state, message)).pipe(
        Effect.onExit((exit) => Effect.sync(() => settle(reply, exit))),
        // Eats what the sender has been told, never a defect.
        Effect.ignore
      )
    }
  })
}

/** One synchronous step, so that no sender can slip in between draining and closing. */
function stop<Message, Reply, E>(mailbox: Queue.Queue<Envelope<Message, Reply, E>>, address: string): void {
  const stopped = Exit.fail(new ActorStopped({ address }))
  for (let next = Queue.takeUnsafe(mailbox); next?._tag === "Success"; next = Queue.takeUnsafe(mailbox)) {
    Deferred.doneUnsafe(next.value.reply, stopped)
  }
  Queue.shutdownUnsafe(mailbox)
}

function senders<Message, Reply, E>(mailbox: Queue.Queue<Envelope<Message, Reply, E>>, address: string) {
  const offer = (sent: Envelope<Message, Reply, E>): Effect.Effect<void, ActorStopped> =>
    Effect.flatMap(Queue.offer(mailbox, sent), (accepted) =>
      accepted ? Effect.void : Effect.fail(new ActorStopped({ address }))
    )
  const envelope = (message: Message): Envelope<Message, Reply, E> => ({
    message,
    reply: Deferred.makeUnsafe<Reply, E | ActorStopped | ActorCrashed>()
  })
  return {
    ask: (message: Message) =>
      Effect.suspend(() => {
        const sent = envelope(message)
        return Effect.andThen(offer(sent), Deferred.await(sent.reply))
      }),
    tell: (message: Message) => Effect.suspend(() => offer(envelope(message))),
    tellUnsafe: (message: Message) => Queue.offerUnsafe(mailbox, envelope(message))
  }
}
