import { NatsServer } from "../../src/natsServer/index.ts"

// Starts what it is told to as a nats-server, does to it what it is told to, and stays until it is killed or asked to end.
const [program = "", action = ""] = process.argv.slice(2)
const server = await NatsServer.start({ program, config: "", address: "127.0.0.1:0" })
// As text: of a number the console makes a colour, where it is told to.
console.log(String(server.pid))
if (action === "pause") server.pause()
if (action === "kill") await server.kill()
if (action === "stop") await server.stop()
if (action === "restart") await server.restart()
console.log(String(server.pid ?? "none"))
if (action === "kill" || action === "stop") await server.stop()
else process.stdin.resume().once("end", () => void server.stop())
