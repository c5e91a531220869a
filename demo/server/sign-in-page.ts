/** The authorization server's own pages: who are you, and what went wrong. */
import { readFileSync } from 'node:fs';

const STYLES = ['../shared/base.css', './sign-in.css'].map((path) =>
  readFileSync(new URL(path, import.meta.url), 'utf8'),
);

/** The style sheet of these pages. */
export const styleSheet = STYLES.join('\n');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/sign-in.css">
  </head>
  <body class="sign-in">
    <main>${content}</main>
  </body>
</html>`;
}

/** Asks for a name. `action` is where the form goes. */
export function signInPage(action: string, issuer: string): string {
  return page(
    'Sign in',
    `
      <p class="where">Authorization server <span>${escapeHtml(new URL(issuer).host)}</span></p>
      <h1>Sign in</h1>
      <p>Any name will do, and there is no password. Two names are two users.</p>
      <form method="post" action="${escapeHtml(action)}">
        <label for="name">User name</label>
        <input id="name" name="name" required maxlength="40" autocomplete="off" autocapitalize="none" spellcheck="false" autofocus>
        <button class="primary" type="submit">Sign in</button>
      </form>`,
  );
}

/** Says that a sign-in failed, and why. */
export function errorPage(reason: string): string {
  return page('Sign-in failed', `<h1>Sign-in failed</h1><p>${escapeHtml(reason)}</p>`);
}
