// Clients that send a request one byte a second, and connect anew when they are cut off.
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const request = 'POST /v1/drops/drop_1/orders HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 100000\r\n';

export class SlowClients {
  connections = 0;
  cutOff = 0;

  async run(port, count, ms) {
    const end = Date.now() + ms;
    await Promise.all(Array.from({ length: count }, () => this.#one(port, end)));
  }

  async #one(port, end) {
    while (Date.now() < end) {
      const socket = connect(port, '127.0.0.1');
      let open = true;
      ++this.connections;
      socket.on('error', () => (open = false));
      socket.on('close', () => (open = false));
      socket.on('end', () => (open = false));
      socket.resume();
      for (let at = 0; open && Date.now() < end; at = (at + 1) % request.length) {
        socket.write(request[at]);
        await pause(1_000);
      }
      if (!open) ++this.cutOff;
      socket.destroy();
    }
  }
}
