import { describe, expect, test } from 'vitest'
import { parseCurl } from '../../../src/probe/import/curl.js'
import { shellCommands, shellWords } from '../../../src/probe/import/shell-words.js'

describe('shell words', () => {
  test.for([
    { text: `a 'b c' "d \\"e\\" $f" g\\ h`, words: ['a', 'b c', 'd "e" $f', 'g h'] },
    { text: `x \\\n  y # comment`, words: ['x', 'y'] },
    { text: `$'a\\nb\\u00e9\\'c'`, words: ["a\nbé'c"] },
    { text: `'' ""`, words: ['', ''] },
    { text: 'a#b', words: ['a#b'] },
  ])('$text', ({ text, words }) => {
    expect(shellWords(text)).toEqual(words)
  })

  test.for([`'open`, `"open`, `$'open`])('%s is refused', (text) => {
    expect(() => shellWords(text)).toThrow(SyntaxError)
  })

  test('commands keep the line they start at', () => {
    expect(shellCommands("# x\n\ncurl a \\\n b\ncurl 'c\nd'\n").map(({ line }) => line)).toEqual([3, 5])
  })
})

describe('curl', () => {
  const read = (command: string) => {
    const { request, ...rest } = parseCurl(command)
    return { method: request.method, target: request.target, headers: Object.fromEntries(request.headers), body: request.body, ...rest }
  }

  test.for([
    { command: 'curl https://x/a', wanted: { method: 'GET', target: 'https://x/a', headers: {}, follow: 0 } },
    { command: 'curl x/a', wanted: { target: 'http://x/a' } },
    { command: 'curl -sSLX PUT -H"A: b" --url /p -o /dev/null', wanted: { method: 'PUT', target: '/p', headers: { A: 'b' }, follow: 20 } },
    { command: 'curl -I /h', wanted: { method: 'HEAD' } },
    {
      command: 'curl -d a=1 -d b=2 /p',
      wanted: { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: { kind: 'raw', text: 'a=1&b=2' } },
    },
    { command: 'curl -G -d a=1 "/p?x=1"', wanted: { method: 'GET', target: '/p?x=1&a=1', body: undefined } },
    {
      command: `curl --json '{"a":1}' /p`,
      wanted: { headers: { 'content-type': 'application/json', accept: 'application/json' }, body: { kind: 'raw', text: '{"a":1}' } },
    },
    { command: 'curl --data-urlencode "q=a b&c" /p', wanted: { body: { kind: 'raw', text: 'q=a%20b%26c' } } },
    { command: 'curl -d @f.json /p', wanted: { body: { kind: 'file', path: 'f.json' } } },
    { command: 'curl --data-raw @f /p', wanted: { body: { kind: 'raw', text: '@f' } } },
    {
      command: 'curl -F a=1 -F "f=@x.png;type=image/png" /p',
      wanted: {
        method: 'POST',
        body: {
          kind: 'multipart',
          parts: [
            { name: 'a', value: '1' },
            { name: 'f', file: 'x.png', type: 'image/png' },
          ],
        },
      },
    },
    { command: 'curl -u me:pw /p', wanted: { headers: { authorization: 'Basic bWU6cHc=' } } },
    {
      command: 'curl --oauth2-bearer t -A ua -e ref -b c=1 -m 2.5 /p',
      wanted: { headers: { authorization: 'Bearer t', 'user-agent': 'ua', referer: 'ref', cookie: 'c=1' }, timeoutMs: 2500 },
    },
  ])('$command', ({ command, wanted }) => {
    expect(read(command)).toMatchObject(wanted)
  })

  test.for([
    { command: 'wget /x', reason: 'does not start with curl' },
    { command: 'curl', reason: 'no URL' },
    { command: 'curl /a /b', reason: 'one URL a command' },
    { command: 'curl --socks5 x /a', reason: 'the option --socks5 is not supported' },
    { command: 'curl -Z /a', reason: 'the option -Z is not supported' },
    { command: 'curl -k https://x', reason: '-k is not taken over' },
    { command: 'curl /a -H', reason: '--header needs a value' },
    { command: 'curl -H broken /a', reason: '"broken" is no header' },
    { command: 'curl -F broken /a', reason: '"broken" is no form part' },
    { command: 'curl -d @f -d a=1 /a', reason: 'a file together with other data' },
  ])('$command: $reason', ({ command, reason }) => {
    expect(() => parseCurl(command)).toThrow(reason)
  })
})
