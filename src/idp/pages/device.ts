import { html, trusted, type Page } from './layout.js'

/** The form comes from the library, with its protection against forged requests; only the handler attributes go, which our CSP forbids anyway. */
const formOf = (markup: string) => trusted(markup.replace(/ onfocus="[^"]*"/, ''))

/** Asks for the code a device shows (RFC 8628 §3.3): field `user_code`. */
export const codeInputPage = (form: string, error: unknown): Page => ({
  title: 'Connect a device',
  body: html`<h1>Connect a device</h1>
    <p>Enter the code your device shows.</p>
    ${error !== undefined && html`<p class="problem" role="alert">That code is not known, or it was given up. Please check it.</p>`}
    ${formOf(form)}
    <button type="submit" form="op.deviceInputForm">Continue</button>`,
})

/** Lets the person compare codes (RFC 8628 §5.4); `abort=yes` refuses. */
export const confirmCodePage = (form: string, application: string, code: string): Page => ({
  title: 'Connect this device?',
  body: html`<h1>Connect this device?</h1>
    <p><strong>${application}</strong> should show this code:</p>
    <p><code>${code}</code></p>
    ${formOf(form)}
    <button type="submit" form="op.deviceConfirmForm" autofocus>Yes, it does</button>
    <button type="submit" class="quiet" form="op.deviceConfirmForm" name="abort" value="yes">No, cancel</button>`,
})

export const deviceDonePage = (): Page => ({
  title: 'Device connected',
  body: html`<h1>Device connected</h1>
    <p>You can close this page.</p>`,
})

/** For links that carry the code (RFC 8628 §3.3.1): the person only has to go on. */
export const codePrefilledPage = (action: string, xsrf: string, userCode: string): Page => ({
  title: 'Connect a device',
  body: html`<h1>Connect a device</h1>
    <p>With the code <code>${userCode}</code></p>
    <form method="post" action="${action}">
      <input type="hidden" name="xsrf" value="${xsrf}" />
      <input type="hidden" name="user_code" value="${userCode}" />
      <button type="submit" autofocus>Continue</button>
    </form>`,
})
