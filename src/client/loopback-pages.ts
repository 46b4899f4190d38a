import { createHash } from 'node:crypto'

const STYLE =
  ':root{color-scheme:light dark;--ground:#f3f5f8;--card:#fff;--text:#17202e;--soft:#5b6675;--line:#d5dbe3;--mark:#1a7f4b}' +
  '@media (prefers-color-scheme:dark){:root{--ground:#12161d;--card:#1b212b;--text:#e8ecf2;--soft:#9aa6b5;--line:#333d4b;--mark:#6fd69f}}' +
  '.bad{--mark:#b3261e}@media (prefers-color-scheme:dark){.bad{--mark:#ffb4ab}}' +
  'body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,sans-serif}' +
  'main{box-sizing:border-box;width:min(26rem,calc(100vw - 3rem));padding:2rem;background:var(--card);border:1px solid var(--line);border-top:4px solid var(--mark);border-radius:12px}' +
  'h1{margin:0 0 .25rem;font-size:1.4rem;line-height:1.3}p{margin:0;color:var(--soft)}code{color:var(--text)}'

const page = (kind: 'good' | 'bad', title: string, text: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` +
  `<title>${title}</title><style>${STYLE}</style></head><body class="${kind}"><main><h1>${title}</h1><p>${text}</p></main></body></html>`

/** What the browser shows in the end. All text is fixed: nothing of the request or of the provider's answer is ever echoed. */
export const PAGES = {
  success: page('good', 'Signed in', 'You can close this window and go back to the terminal.'),
  failure: page('bad', 'Not signed in', 'The terminal says why. You can close this window.'),
  elsewhere: page('bad', 'Nothing here', 'oidcgw waits for one redirect, at another address.'),
} as const

/** Nothing is loaded, nothing runs, nobody frames it, nothing is kept, and the address with its code goes nowhere as a referrer. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  connection: 'close',
}
