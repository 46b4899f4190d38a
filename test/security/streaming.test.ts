import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../../src/gateway/gateway.js'
import { protectedDocument } from '../support/protected-gateway.js'
import { startScriptedProvider } from '../support/scripted-provider.js'

/** An upstream that sends an event when the test says so. */
async function startEvents() {
  let client: ServerResponse | undefined
  const server = createServer((_message, response) => {
    client = response
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    send: (event: string) => void client?.write(`data: ${event}\n\n`),
    end: () => void client?.end(),
  }
}

test('G-161 events arrive one by one: each is here before the next is sent, and silence between them ends nothing', async () => {
  const [upstream, provider] = await Promise.all([startEvents(), startScriptedProvider()])
  const gateway = await startGateway({ config: protectedDocument(upstream.url, provider.issuer, { config: { auth_methods: ['bearer'] } }) })
  onTestFinished(async () => {
    await gateway.close()
    await provider.close()
  })
  expect((await fetch(`${gateway.url}/events`)).status).toBe(401)
  const answer = await fetch(`${gateway.url}/events`, { headers: { authorization: `Bearer ${provider.token()}` } })
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  const next = async () => Buffer.from((await reader.read()).value ?? []).toString()
  for (const event of ['one', 'two', 'three']) {
    upstream.send(event)
    expect(await next()).toBe(`data: ${event}\n\n`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  upstream.end()
  expect((await reader.read()).done).toBe(true)
})
