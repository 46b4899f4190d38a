import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { CONNECTIONS_PER_ENDPOINT } from '../../src/gateway/upstream/pools.js'
import { startEcho } from '../../src/lab/echo.js'
import { serve } from './documents.js'

/** Asks for a megabyte and leaves after the first octets. */
function leaveMidResponse(port: number): Promise<void> {
  return new Promise((resolve) => {
    const client = connect(port, '127.0.0.1')
    client.on('error', () => resolve()).on('close', () => resolve())
    client.once('data', () => client.destroy())
    client.write('GET /bytes/1048576 HTTP/1.1\r\nHost: a\r\n\r\n')
  })
}

test('1,000 clients that leave mid-response leave a gateway that still serves', { timeout: 120_000 }, async () => {
  const echo = await startEcho()
  onTestFinished(() => echo.close())
  const gateway = await serve({ services: [{ url: echo.url }], routes: [{ paths: ['/'] }] })
  const port = Number(new URL(gateway.url).port)
  let most = 0
  for (let round = 0; round < 10; round++) {
    await Promise.all(Array.from({ length: 100 }, () => leaveMidResponse(port)))
    most = Math.max(most, gateway.upstreamSockets)
    const answer = await fetch(`${gateway.url}/bytes/1048576`)
    expect((await answer.arrayBuffer()).byteLength).toBe(1_048_576)
  }
  expect(most).toBeLessThanOrEqual(CONNECTIONS_PER_ENDPOINT)
  await expect.poll(() => gateway.upstreamSockets).toBeLessThan(CONNECTIONS_PER_ENDPOINT / 4)
  expect((await fetch(`${gateway.url}/get`)).status).toBe(200)
})
