import type { reports as en } from '../en/reports.ts';
import type { Message } from '../message.ts';

export const reports = {
  'report.title': 'Rapports',
  'report.list': 'Tous les rapports',
  'report.filter': 'Filtrer les rapports',
  'report.noMatch': 'Aucun rapport ne correspond à ce filtre.',
  'report.empty.title': 'Aucun rapport pour le moment',
  'report.empty.text':
    'Chaque exécution se termine par un rapport : ce qui était prévu, ce qui a changé et ce qu’il faut regarder.',
  'report.choose.title': 'Aucun rapport n’est ouvert',
  'report.choose.text': 'Choisissez-en un dans la liste.',
  'report.notFound.title': 'Ce rapport n’existe pas',
  'report.notFound.text': 'Il a peut-être été supprimé par les règles de conservation.',
  'report.fleet': 'Tout le parc',
  'report.pinned': 'Épinglé',
  'report.copy': 'Copier en Markdown',
  'report.download': 'Télécharger en Markdown',
  'report.print': 'Imprimer',
  'report.openRun': 'Ouvrir l’exécution',
  'report.more': 'Afficher les rapports plus anciens',
  'report.content': 'Rapport {title}',
} as const satisfies Record<keyof typeof en, Message>;
