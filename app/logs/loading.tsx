export { LogSkeleton as default } from '@/components/logs/log-skeleton.tsx';
