'use client';

import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { type ClientSettings, createBrowserClient, type TailraceClient } from './tailrace-client.ts';

const TailraceContext = createContext<TailraceClient | undefined>(undefined);

type ProviderProps = { children: ReactNode; client?: TailraceClient; settings?: ClientSettings };

/** Holds the tab's client. It connects in an effect: on the server, and while hydrating, it is idle. */
export function TailraceProvider({ children, client: given, settings }: ProviderProps) {
  const [client] = useState(() => given ?? createBrowserClient(settings));
  useEffect(() => client.start(), [client]);
  return <TailraceContext value={client}>{children}</TailraceContext>;
}

export function useTailrace(): TailraceClient {
  const client = useContext(TailraceContext);
  if (!client) throw new Error('expected <TailraceProvider> above the component that uses the stream');
  return client;
}
