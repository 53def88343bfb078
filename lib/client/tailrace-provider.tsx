'use client';

import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { createBrowserClient, type TailraceClient } from './tailrace-client.ts';

const TailraceContext = createContext<TailraceClient | undefined>(undefined);

/** Holds the tab's client. It connects in an effect: on the server, and while hydrating, it is idle. */
export function TailraceProvider({ children, client: given }: { children: ReactNode; client?: TailraceClient }) {
  const [client] = useState(() => given ?? createBrowserClient());
  useEffect(() => client.start(), [client]);
  return <TailraceContext value={client}>{children}</TailraceContext>;
}

export function useTailrace(): TailraceClient {
  const client = useContext(TailraceContext);
  if (!client) throw new Error('expected <TailraceProvider> above the component that uses the stream');
  return client;
}
