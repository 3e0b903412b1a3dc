import { decodeResponseHeader, Reader, type Writer } from "@tailrace/kafka-protocol"
import { type Connection, LineLogger, MemorySink } from "@tailrace/runtime"
import { SeededRandom, SimulatedNet, VirtualClock } from "@tailrace/runtime/simulated"
import { KafkaListener, type ListenerLimits } from "../src/index.ts"
import { RawClient } from "./RawClient.ts"
import { StubBroker } from "./StubBroker.ts"

/** A listener on a simulated network that cuts and joins what is written, in front of a broker that does what a test says. */
export class Fixture {
  readonly clock = new VirtualClock()
  readonly net: SimulatedNet
  readonly broker = new StubBroker()
  readonly log = new MemorySink()
  /** The listener's ends of the connections. */
  readonly accepted: Array<Connection> = []
  listener!: KafkaListener

  constructor(windowBytes = 4_096) {
    this.net = new SimulatedNet({ clock: this.clock, random: new SeededRandom(7), windowBytes })
  }

  static async start(limits: Partial<ListenerLimits> = {}, { isServing = true, windowBytes = 4_096 } = {}): Promise<Fixture> {
    const self = new Fixture(windowBytes)
    const { clock, net } = self
    self.listener = await KafkaListener.bind({
      net: {
        listen: (options, onConnection) => net.listen(options, (connection) => {
          self.accepted.push(connection)
          onConnection(connection)
        })
      },
      clock,
      random: new SeededRandom(1),
      logger: new LineLogger({ clock, sink: self.log }),
      limits,
      addresses: [{ name: "PLAINTEXT", host: "127.0.0.1", port: 9092 }]
    })
    if (isServing) self.listener.serve(self.broker)
    return self
  }

  get orders() {
    return this.broker.orders
  }

  settle(): Promise<void> {
    return this.clock.advanceSettled(0)
  }

  async connect(): Promise<RawClient> {
    const dialled = this.net.dial({ host: "127.0.0.1", port: 9092 }).then((connection) => new RawClient(connection))
    await this.settle()
    return dialled
  }

  /** Sends a request and decodes its answer; `meanwhile` may make the broker give it. */
  async ask<Request, Response>(
    client: RawClient,
    apiKey: number,
    apiVersion: number,
    { decode, encode }: Codec<Request, Response>,
    request: Request,
    meanwhile: () => void = () => undefined
  ): Promise<Response> {
    const correlationId = client.send(apiKey, apiVersion, encode, request)
    await this.settle()
    meanwhile()
    await this.settle()
    const answer = client.lastAnswer
    if (answer === undefined || client.answers.at(-1) !== correlationId) throw new Error(`request ${correlationId} is not answered`)
    const reader = new Reader(answer)
    decodeResponseHeader(reader, apiKey, apiVersion)
    const response = decode(reader, apiVersion)
    if (reader.remainingBytes > 0) throw new Error(`${reader.remainingBytes} bytes follow the answer`)
    return response
  }
}

export interface Codec<Request, Response> {
  readonly encode: (writer: Writer, version: number, value: Request) => void
  readonly decode: (reader: Reader, version: number) => Response
}
