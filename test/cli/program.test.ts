import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createRequest } from '../../src/cli/process-host.js'
import { EXIT, worstExit } from '../../src/cli/exit-codes.js'
import { createProgram } from '../../src/cli/program.js'
import { cli, createMemoryHost, runOn } from '../support/memory-host.js'

describe('the command line', () => {
  test('--help goes to stdout, exit 0', async () => {
    const { exitCode, stdout, stderr } = await cli(['--help'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toContain('Start here: oidcgw demo')
  })

  test('--version prints the package version', async () => {
    expect(await cli(['--version'])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string })
  })

  test.for([[['nonsense']], [['--nonsense']]])('%j is exit 2 with one line', async ([argv]) => {
    const { exitCode, stdout, stderr } = await cli(argv as string[])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/^oidcgw: unknown (command|option) /)
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  test.for([
    { codes: [], worst: EXIT.yes },
    { codes: [EXIT.unreachable, EXIT.no], worst: EXIT.no },
    { codes: [EXIT.inconclusive, EXIT.noCredential, EXIT.unreachable], worst: EXIT.noCredential },
    { codes: [EXIT.no, EXIT.usage, EXIT.needsPerson], worst: EXIT.usage },
  ])('$codes together are $worst', ({ codes, worst }) => {
    expect(worstExit(codes)).toBe(worst)
  })
})

describe('Host.request', () => {
  const serve = async (answer: Parameters<typeof createServer>[1]): Promise<URL> => {
    const server = createServer(answer as never)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  }
  const request = createRequest({})

  test('a redirect is an answer, cookies stay apart', async () => {
    const url = await serve((_, response) => void response.writeHead(302, { location: '/x', 'set-cookie': ['a=1', 'b=2'] }).end())
    const { status, headers } = await request({ method: 'GET', url })
    expect({ status, location: headers['location'], cookies: headers['set-cookie'] }).toEqual({
      status: 302,
      location: '/x',
      cookies: ['a=1', 'b=2'],
    })
  })

  test.for([
    { name: 'nothing listens', code: 'ERR_NETWORK', url: async () => closedPort() },
    { name: 'no answer in time', code: 'ERR_NETWORK_TIMEOUT', url: () => serve(() => undefined) },
    { name: 'an answer too large', code: 'ERR_PROVIDER_RESPONSE', url: () => serve((_, response) => void response.end('x'.repeat(1000))) },
    { name: 'a connection that breaks', code: 'ERR_NETWORK', url: () => serve((incoming) => void incoming.socket.destroy()) },
  ])('$name: $code', async ({ code, url }) => {
    await expect(request({ method: 'GET', url: await url(), timeoutMs: 300, maxBodyBytes: 100 })).rejects.toMatchObject({ code })
  })

  test('an abort is told from a timeout', async () => {
    const url = await serve(() => undefined)
    await expect(request({ method: 'GET', url, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ERR_ABORTED' })
  })
})

async function closedPort(): Promise<URL> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return new URL(`http://127.0.0.1:${port}/`)
}

const host = { stdout: { write: () => true }, stderr: { write: () => true }, env: {} }
const start = async (): Promise<void> => undefined

test('the list of all commands says the same whether their options were made or not', () => {
  const full = createProgram(host, start)
  const outline = createProgram(host, start, '--help')
  expect(outline.helpInformation()).toBe(full.helpInformation())
  const count = ({ commands }: typeof full) => commands.reduce((sum, { options }) => sum + options.length, 0)
  expect(count(outline)).toBeLessThan(count(full) / 4)
})

test('every command is built when it is the one wanted', () => {
  const names = createProgram(host, start).commands.map((command) => command.name())
  expect(names.length).toBeGreaterThan(15)
  for (const name of names) expect(createProgram(host, start, name).commands.map((command) => command.name())).toContain(name)
})

describe('what scripts run in loops', () => {
  test('decode says the same with and without the option parser', async () => {
    const now = () => new Date('2026-01-01T00:00:00Z')
    const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2ln'
    const plain = await cli(['decode', token], { now })
    const parsed = await cli(['decode', '--output', 'text', token], { now })
    expect(plain).toEqual(parsed)
    expect(plain).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('alice') as string })
    expect(await cli([token], { now })).toEqual(plain)
  })

  test('surplus arguments are refused', async () => {
    expect(await cli(['decode', 'a', 'b'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^oidcgw: too many arguments/) as string,
    })
  })

  test('a bug of ours is exit 70, one line without a stack', async () => {
    const host = createMemoryHost()
    const broken = { ...host, request: () => Promise.reject(new TypeError('boom')) }
    expect(await runOn(broken, ['verify', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2ln', '--issuer', 'http://127.0.0.1:9'])).toBe(
      EXIT.bug,
    )
    expect(host.err()).toMatch(/^oidcgw: unexpected: boom\n {2}hint: this is a bug in oidcgw/)
    expect(host.err()).not.toMatch(/\n\s+at /)
  })
})
