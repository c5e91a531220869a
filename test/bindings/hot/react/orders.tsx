/** What the tests look at: who is signed in, and a draft that a reload would lose. */
import { useSession } from 'holdfast/react';
import { useState } from 'react';

const tokens = { access_token: 'good', token_type: 'Bearer', expires_in: 3_600, refresh_token: 'refresh' };

export function Orders({ edition }: { readonly edition: string }) {
  const { status } = useSession();
  const start = useSession((_, session) => session.start);
  const [draft, setDraft] = useState('');
  return (
    <main>
      <h1>Orders</h1>
      <output>
        {edition} {status}
      </output>
      <input value={draft} onChange={({ target }) => setDraft(target.value)} />
      <button type="button" onClick={() => void start(tokens)}>
        Sign in
      </button>
    </main>
  );
}
