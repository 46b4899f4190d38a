import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { driveForm } from '../../src/client/form-driver.js'
import { readForms } from '../../src/client/html-form.js'
import { createMemoryHost } from '../support/memory-host.js'
import { createWorkspace, openIdp, profileFor } from './workspace.js'

const ALICE = { username: 'alice', password: 'p&w=ä' }
const REDIRECT = new URL('http://127.0.0.1/callback')

interface Seen {
  readonly line: string
  readonly cookie: string | undefined
  readonly body: string
}

/** A provider of a few pages: each path answers with a status, headers and HTML. */
async function provider(
  pages: Readonly<Record<string, (body: URLSearchParams) => [number, Readonly<Record<string, string | string[]>>, string]>>,
) {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      const path = request.url ?? ''
      seen.push({ line: `${request.method} ${path}`, cookie: request.headers.cookie, body })
      const [status, headers, html] = (pages[path.split('?')[0] as string] ?? (() => [404, {}, 'no']))(new URLSearchParams(body))
      response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(html)
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { seen, drive: () => driveForm(new URL('/start', origin), REDIRECT, createMemoryHost(), ALICE) }
}

const DONE = 'http://127.0.0.1/callback?code=c&state=s'
const FORM =
  '<form action="/in" method=post><input name=_csrf type=hidden value="a&amp;b"><input name="user"><input type=password name=pw><input type=checkbox name=stay><button name=cancel value=1>Cancel</button><button name=go value=1>Sign in</button></form>'

describe('the form driver', () => {
  test('keeps cookies, follows redirects, fills the form by rule and stops before the redirect URI', async () => {
    const { seen, drive } = await provider({
      '/start': () => [302, { location: '/login?x=1', 'set-cookie': ['a=1; Path=/', 'b=2; Path=/other'] }, ''],
      '/login': () => [200, { 'set-cookie': 'c=3' }, `<!-- <form action=/evil> -->${FORM}`],
      '/in': () => [303, { location: '/consent' }, ''],
      '/consent': () => [
        200,
        {},
        '<form method="POST"><button name="d" value="deny">Deny</button><button name="d" value="allow">Allow</button></form>',
      ],
    })
    await drive().catch(() => undefined)
    expect(seen.map(({ line }) => line).slice(0, 5)).toEqual(['GET /start', 'GET /login?x=1', 'POST /in', 'GET /consent', 'POST /consent'])
    expect(seen[2]).toMatchObject({ cookie: 'a=1; c=3' })
    expect(Object.fromEntries(new URLSearchParams(seen[2]?.body))).toEqual({ _csrf: 'a&b', user: 'alice', pw: 'p&w=ä', go: '1' })
    expect(seen[4]?.body).toBe('d=allow')
  })

  test('name first, password on the next page', async () => {
    const { seen, drive } = await provider({
      '/start': () => [200, {}, '<form action=/two><input type=email name=identifier><input type=submit value=Next></form>'],
      '/two': () => [200, {}, '<form action=/in method=post><input type=password name=p></form>'],
      '/in': () => [302, { location: DONE }, ''],
    })
    expect((await drive()).url.href).toBe(DONE)
    expect(seen.map(({ line }) => line)).toEqual(['GET /start', 'GET /two?identifier=alice', 'POST /in'])
  })

  test.for([
    [
      'the form again after it was filled',
      { '/start': () => [200, {}, FORM], '/in': () => [200, {}, FORM] },
      'ERR_LOGIN_DENIED',
      'did not accept name and password of alice',
    ],
    [
      'a page without a form',
      { '/start': () => [200, {}, '<script>document.write("<form>")</script>'] },
      'ERR_LOGIN_RESPONSE',
      'without a form',
    ],
    ['a circle', { '/start': () => [302, { location: '/start' }, ''] }, 'ERR_LOGIN_RESPONSE', 'no end after 25 pages'],
    [
      'plain http beyond loopback',
      { '/start': () => [302, { location: 'http://idp.example/' }, ''] },
      'ERR_INSECURE_TRANSPORT',
      'without TLS',
    ],
  ] as const)('%s is refused', async ([, pages, code, message]) => {
    const { drive } = await provider(pages as unknown as Parameters<typeof provider>[0])
    await expect(drive()).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string })
  })

  test('a page that redirects to another port or path is not the redirect URI', async () => {
    const { drive } = await provider({ '/start': () => [302, { location: 'http://127.0.0.1:9/callback?code=c' }, ''] })
    await expect(drive()).rejects.toMatchObject({ code: 'ERR_NETWORK' })
  })

  test('signs in at the embedded provider from the command line, in CI too', async () => {
    const idp = await openIdp()
    const login = { driver: 'form', username: 'alice', password: 'env:ALICE' }
    const work = await createWorkspace({
      profiles: { p: profileFor(idp, 'native', { scope: 'openid', grant: 'authorization_code', login }) },
    })
    const run = (line: string, ALICE: string) => work.run(line, { env: { CI: 'true', ALICE } })
    expect(await run('login p', 'canary-wrong')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('did not accept') as string })
    const token = await run('token p --id', 'alice-password')
    expect(token).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^eyJ/) as string, stderr: '' })
  })
})

test('reads forms: attributes in every quoting, entities, no comments or scripts', () => {
  const page = new URL('https://idp.example/a/b')
  expect(readForms(`<FORM ACTION='c?d=1&amp;e' method="Post"><INPUT NAME=x VALUE='&quot;&#65;&#x42;' checked></FORM>`, page)).toEqual([
    {
      method: 'post',
      action: new URL('https://idp.example/a/c?d=1&e'),
      fields: [{ kind: 'text', name: 'x', value: '"AB', checked: true, label: 'x "AB' }],
    },
  ])
  expect(readForms('<!-- <form></form> --><script>"<form>"</script>', page)).toEqual([])
})
