/**
 * What `timer.profile` changes of the defaults; a value that somebody set stays. The times of one profile fit together:
 * several heartbeats in a session, and an election that is over before a session is.
 */
export const profiles: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  default: {},
  ci: {
    "broker.heartbeat.interval.ms": "150",
    "broker.session.timeout.ms": "1000",
    "controller.quorum.election.timeout.ms": "250",
    "controller.quorum.request.timeout.ms": "400",
    "replica.lag.time.max.ms": "700",
    "replica.fetch.wait.max.ms": "200",
    "replica.socket.timeout.ms": "400",
    "leader.imbalance.check.interval.seconds": "5"
  }
}
