// A webhook endpoint that remembers which event came when for the first time.
import { createServer } from 'node:http';

export class Receiver {
  /** By event id: its place among the first arrivals. */
  first = new Map();
  calls = 0;
  refused = 0;
  /** It answers, but takes nothing. */
  refuses = false;
  port = 0;

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async listen() {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (text) => (body += text));
      request.on('end', () => {
        ++this.calls;
        if (this.refuses) {
          ++this.refused;
          response.writeHead(503).end();
          return;
        }
        const { id } = JSON.parse(body);
        if (!this.first.has(id)) this.first.set(id, this.first.size);
        response.writeHead(204).end();
      });
    });
    await new Promise((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
    this.port = this.server.address().port;
  }

  async close() {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}
