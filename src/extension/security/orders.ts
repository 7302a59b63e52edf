/**
 * Owns the words by which a text gives orders to a model rather than describing something: one table of expressions over
 * folded text (see fold.ts), in the languages attacks were seen in. Used on definitions as they are and on what is
 * decoded from them.
 *
 * Every expression is bounded: gaps are a few words of limited length, so the time is linear in the text.
 */

export interface Order {
  readonly id: string;
  /** What the text does, to follow "This text". */
  readonly says: string;
  readonly patterns: readonly RegExp[];
}

/** Up to so many words between two others; a sentence's end is none. */
const gap = (most: number): string => `(?:[^\\s.!?]{1,40} ){0,${most}}`;
const re = (...parts: readonly string[]): RegExp => new RegExp(parts.join(''), 'u');
/** A word's edges in any script. */
const B = '(?<![\\p{L}\\p{N}_])';
const E = '(?![\\p{L}\\p{N}_])';

const USER = `(?:the |your |a |any |this )?(?:end )?(?:users?|humans?|person|operator|customer)`;
const RULES = `(?:instructions?|directives?|prompts?|rules|guidelines|guardrails|orders|polic(?:y|ies)|constraints|restrictions|directions)`;
const PRIVATE = `(?:conversations?|chat|chats|messages?|history|context|context window|system prompt|environment variables?|env vars?|environment|credentials?|api keys?|tokens?|secrets?|passwords?|private keys?|ssh keys?|clipboard|cookies?|workspace|seed phrases?)`;
const SECRET_FILE = `(?:(?:~|\\$home|%userprofile%|/root|/home/[\\w.-]{1,32}|home)?[/\\\\]\\.(?:ssh|aws|kube|gnupg|docker|azure|config/gcloud|cursor|claude|netrc|npmrc|pypirc|git-credentials|bash_history|zsh_history|env)${E}|${B}id_(?:rsa|ed25519|ecdsa)${E}|/etc/(?:passwd|shadow)${E}|${B}wallet\\.dat${E}|${B}seed phrases?${E}|(?<![\\w./-])\\.env${E}|${B}\\.?(?:cursor/)?mcp\\.json${E})`;
const TAKE = `(?:read|open|include|attach|retriev|pass|paste|send|cat|print|hand over|content|append|add|collect|upload|access|load|fetch|copy|copies|look for|extract|exfiltrat|steal|leak)\\w{0,12}`;
const SEND = `(?:send|sends|sending|upload|uploads|uploading|post|posts|posting|forward|forwards|forwarding|exfiltrate|transmit|leak|report|submit|deliver|mail|email|push|exfiltrates|transmits|reroute|redirect)`;
const FAR = `(?:an? |the |our |my |some )?(?:(?:external|remote|attacker|attackers|attacker's|third-party|third party|hidden|unknown|outside|undisclosed) )(?:[^\\s.!?]{1,30} ){0,2}(?:servers?|endpoints?|collectors?|address|url|host|site|domain|api|account|party|service)`;

export const ORDERS: readonly Order[] = [
  {
    id: 'override',
    says: 'tells the model to drop its instructions',
    patterns: [
      re(B, '(?:ignore|ignoring|disregard|disregarding|forget|override|overriding|bypass|violate|abandon|drop|void) ', gap(4), `(?:previous|prior|earlier|above|preceding|all|other|any|your|existing|safety|system|developer|original) `, gap(3), RULES, E),
      re(B, `(?:previous|prior|earlier|existing|safety|your) `, gap(1), RULES, ` `, gap(3), '(?:void|obsolete|no longer (?:apply|applies|valid|in effect)|cancelled|canceled|superseded|suspended)', E),
      re(B, '(?:forget|ignore|disregard) (?:all |any |every |your |the |these |those )?', RULES, E),
      re(B, '(?:ignore|ignoring|disregard|disregarding|forget) (?:all |the |everything |anything ){0,2}(?:above|previous|prior|earlier|preceding)(?:,| and | then |;|\\.|$)'),
      re(B, "(?:ignore|disregard) (?:the )?user(?:'s)? ", gap(1), '(?:request|instructions?|question|wishes|intent|input|message)', E, "(?! (?:body|format|parameter))"),
      re(B, '(?:stop|quit|cease) (?:following|obeying|listening to) ', gap(2), '(?:developer|user|system|rules|instructions|guidelines)', E),
      re(B, '(?:do|follow|act|obey) (?:exactly |only |strictly )?(?:as|what) (?:this|the) (?:text|tool|description|server|message) (?:says|tells|wants|orders)', E),
      re(B, 'you (?:now|only) (?:work|act|answer|speak) (?:for|as|on behalf of|to)', E),
      re(B, 'system ?: ?override', E),
      re(B, 'system override', E),
      re(B, '(?:new|updated|real|actual) ', RULES, ' ?: ?(?:you|your|ignore|do|always|never|the|read|send|call)', E),
      re(B, 'you are (?:now )?(?:in )?(?:dan|developer mode|maintenance mode|debug mode|god mode|jailbroken|unrestricted)', E),
      re(B, '(?:from now on|henceforth),? (?:you|always|act|behave|respond|obey)', E),
      re(B, '(?:higher|highest|more|greater) (?:priority|authority) than ', gap(1), '(?:user|system|developer|other)', E),
      re(B, 'obey ', gap(3), '(?:server|tool|description|text|above|only)', E),
      re(B, '(?:has|have|with) no (?:restrictions|limits|guidelines) and', E),
    ],
  },
  {
    id: 'secrecy',
    says: 'tells the model to keep something from the user',
    patterns: [
      re(B, "(?:do not|don't|dont|never|must not|mustn't|should not|shouldn't|cannot|not to|avoid|no need to) ", gap(2), '(?:tell|telling|inform|informing|mention|mentioning|notify|notifying|alert|alerting|reveal|revealing|disclose|disclosing|warn|warning) ', gap(3), USER, E),
      re(B, "(?:do not|don't|never|must not|should not) (?:ever )?(?:reveal|disclose|mention|report|expose) ", gap(1), '(?:that|this|it|its|these|anything)', E, '(?! (?:tool|field|parameter|option|value|endpoint))'),
      re(B, "(?:do not|don't|never) let ", gap(1), '(?:user|human|users) (?:see|know|notice|find)', E),
      re(B, "(?:without|avoid) (?:telling|informing|mentioning|notifying|alerting|disclosing|the user's knowledge|letting ", gap(1), '(?:user|human))', E, '(?! (?:which|what|whether))'),
      re(B, '(?:users?|human|they|person) (?:must|should|need|may|can|will|shall) (?:never|not) (?:ever )?(?:know|be told|be aware|be informed|see|learn|notice|find out)', E),
      re(B, '(?:hide|conceal|hidden|hiding) ', gap(4), 'from (?:the )?(?:user|human|users|operator)', E),
      re(B, '(?:users?|human|person|operator) (?:never|does not|must never|should never) (?:ever )?(?:learns?|knows?|sees?|finds? out|notices?|hears?|realises?|realizes?)', E),
      re(B, "(?:do not|don't|never|must not|should not) (?:ever )?(?:show|display|expose|repeat|quote) ", gap(3), '(?:instructions?|step|text|prompt|description|note|rule|call|upload) ', gap(1), '(?:to |from )', USER, E),
      re(B, '(?:must|should|may|can|will|need|shall) (?:never|not) be (?:informed|told|notified|made aware|alerted)', E),
      re(B, '(?:say|tell|mention) nothing (?:about|of|to)', E),
      re(B, "(?:do not|don't|never|must not) (?:tell|inform|alert|notify) (?:anyone|anybody|them|him|her)", E),
      re(B, "(?:do not|don't|never|must not) mention (?:the|any|your) (?:upload|file|files|transfer|call|calls|request|step|steps|reading|copy|address|recipient|bcc|tool|instructions?|key|keys|data|server|side effect)", E),
      re(B, 'tell ', USER, ' (?:that )?', gap(4), '(?:even if|although|regardless|but (?:actually|really|secretly))', E),
      re(B, 'keep ', gap(2), '(?:secret|hidden|confidential|private) ', gap(1), 'from (?:the )?(?:user|human|users)', E),
      re(B, '(?:silently|secretly|covertly|quietly) (?:invoke|call|execute|run|send|read|upload|forward|include|add|append|insert|copy|log|record|collect|pass|use|attach|post|exfiltrate)', E),
      re(B, 'as if nothing (?:had |has )?happened', E),
      re(B, 'do not report (?:its|the) (?:result|output|use)', E),
      re(B, 'not disclose', E),
    ],
  },
  {
    id: 'approval',
    says: 'tells the model to go on without asking',
    patterns: [
      re(B, "(?:never|don't|do not|without) (?:ever )?(?:ask|asking|wait for|waiting for|request|requesting|seek|seeking) ", gap(2), '(?:user|human|confirmation|approval|permission|consent)', E, '(?: for (?:confirmation|approval|permission))?'),
      re(B, '(?:skip|bypass|suppress|disable|auto-?accept) ', gap(3), '(?:approval|confirmation|permission|consent|approvals|confirmations)(?: prompts?| dialogs?| checks?)?', E),
      re(B, '(?:with no|without any|without|no need for) (?:user |human |further |prior )?(?:confirmation|approval|consent)', E, '[^.]{0,40}?', B, '(?:execute|run|call|send|delete)\\w{0,3}', E),
      re(B, '(?:execute|run|call|send|delete)\\w{0,3} [^.]{0,60}?', B, '(?:with no|without any|without) (?:user |human |further |prior )?(?:confirmation|approval|consent)', E),
      re(B, 'approve (?:every|all|any) ', gap(1), '(?:requests?|calls?|actions?|changes?|commands?)', E),
    ],
  },
  {
    id: 'secretFile',
    says: 'sends the model to files that hold secrets',
    patterns: [re(B, TAKE, E, '[^\\n]{0,80}?', SECRET_FILE), re(SECRET_FILE, '[^\\n]{0,60}?', B, '(?:and |then |to )?(?:include|attach|pass|paste|send|append|add|upload|are included|put|hand over)', E)],
  },
  {
    id: 'exfiltration',
    says: 'tells the model to pass on what is not the tool\'s business',
    patterns: [
      re(B, SEND, ' ', gap(6), PRIVATE, ' ', gap(5), '(?:to|as|at|via) ', gap(3), '(?:https?:|\\+?\\d{7,}|[\\w.+-]{1,40}@|our server|this server|the server|us)'),
      re(B, '(?:include|pass|add|append|attach|collect|dump|put|insert|provide|supply|copy) ', gap(3), '(?:entire|full|whole|complete|all|every|verbatim) ', gap(3), '(?:conversation|chat|message|messages|history|environment|context window|credentials|secrets|api keys?|passwords?|system prompt)', E),
      re(B, '(?:reveal|output|print|repeat|show|disclose|leak|dump|return) ', gap(1), '(?:your|the) (?:own )?(?:system|initial|hidden|developer) (?:prompt|message|instructions)', E),
      re(B, `(?:value|content|contents) of (?:\\$\\{?)?[a-z0-9_]{0,40}(?:token|key|secret|password|credentials?)\\}? `, gap(2), '(?:environment|env)', E),
      re(B, SEND, ' ', gap(4), '(?:result|results|output|contents?|data|everything|files?|id_rsa|key|keys|secrets?|list) ', gap(4), '(?:to|at) ', gap(4), '(?:\\+?\\d{9,}|https?://(?!(?:localhost|127))[^ ]{0,80}(?:evil|attack|collect|drop|leak|exfil|webhook|ngrok|requestbin))'),
      re(B, '(?:always|must|silently|also) (?:add|set|append|include|copy|insert|use|put) ', gap(5), '(?:bcc|cc|recipient|forwarding address)[^.]{0,30}?[\\w.+-]{1,40}@'),
      re(B, SEND, ' ', gap(3), '(?:contents? of )', gap(4), '(?:workspace|repository|project|home|clipboard|disk) ', gap(1), '(?:to|at) '),
      re(B, '(?:conversations?|prompts?|messages?|history|inputs?|files?|credentials?|keys?|secrets?|passwords?|everything) ', gap(5), '(?:must|should|has to|have to|needs? to|shall|will|is|are) (?:always |also |first )?(?:be )?(?:forwarded|sent|uploaded|posted|copied|mirrored|relayed|leaked|transmitted) (?:to|at) ', gap(2), '(?:https?:|[\\w.+-]{1,40}@|\\+?\\d{7,}|our |us$|us\\.)'),
      re(B, '(?:extract|harvest|steal|gather|dump|scrape|capture|siphon|exfiltrate|leak)\\w{0,3} ', gap(3), '(?:credentials?|passwords?|cookies?|api keys?|access tokens?|private keys?|ssh keys?|secrets|keystrokes|seed phrases?|environment variables)', E),
      re(B, PRIVATE, ' (?:you have |known to you )?(?:from|in|of) your (?:context|memory|environment|conversation|session)', E),
      re(B, SEND, ' ', gap(6), '(?:to|with|at) ', FAR, E),
      re(B, SEND, ' ', gap(2), PRIVATE, E, ' ', gap(3), 'to ', gap(3), '(?:servers?|endpoints?|collectors?|url|address)', E),
      re(B, '(?:append|include|add|attach|insert|pass|put|embed|collect|gather|harvest) ', gap(2), PRIVATE, ' ', gap(6), '(?:in|into|to|as|within) ', gap(3), "(?:field|parameter|argument|request|response|context|query|url|payload|'[a-z_]{1,30}'|\"[a-z_]{1,30}\")"),
      re(B, '(?:clipboard|keystrokes|screenshots?|passwords?|credentials)', E, ' and (?:then )?', SEND, E),
    ],
  },
  {
    id: 'gatekeeping',
    says: 'makes itself come before every other tool',
    patterns: [
      re(B, '(?:always|must|must always|should always|have to) (?:first )?(?:be called|call|be invoked|invoke|use|be used|run) (?:this tool |this )?(?:first )?(?:first|before|prior to) (?:calling |using |running )?(?:any|every|all|each)(?: of the)?(?: other)? (?:tool|tools|action|request)', E),
      re(B, 'before (?:using|calling|running|executing) (?:this|any|any other|other|every) tools?,? (?:you must |you need to |please |always |first )?(?:first )?(?:read|open|collect|fetch|retrieve|send|cat|upload)', E),
      re(B, 'always (?:pick|choose|prefer|select) this tool', E, '(?! (?:when|for|if|to))'),
      re(B, 'otherwise (?:the|this) tool (?:will|does|would) (?:not|fail)', E),
    ],
  },
  {
    id: 'laterChange',
    says: 'announces that it will do something else once it is approved',
    patterns: [
      re(B, '(?:once|after|as soon as) (?:this|the) (?:tool|server|description) (?:has been |is |was |gets )?(?:approved|reviewed|trusted|allowed)', E),
      re(B, '(?:only after|once|until|post-?) ?(?:the )?approval[^.]{0,60}?', B, '(?:activat|execut|swap|exfiltrat|begin|chang|replac)\\w{0,6}'),
      re(B, '(?:activat|execut|swap|exfiltrat|replac)\\w{0,6}[^.]{0,60}?', B, '(?:only after|once|post-?) ?(?:the )?approv'),
    ],
  },
  {
    id: 'otherLanguage',
    says: 'tells the model to drop its instructions, or to keep something from the user',
    patterns: [
      re(B, '(?:ignoriere?|ignorieren sie|missachte|vergiss)', E, ' ', gap(3), '(?:anweisungen|instruktionen|regeln|vorgaben)', E),
      re(B, '(?:sag|sage|sagen sie|verrate|teile) (?:dem|der|den) (?:benutzer|nutzer|anwender|user)\\w{0,4} (?:nichts|nicht|auf keinen fall)', E),
      re(B, '(?:ignora|ignore|ignorar|olvida|omite|desconsidere|esqueça)', E, ' ', gap(4), '(?:instrucciones|instruções|istruzioni|indicaciones|reglas|regras|regole)', E),
      re(B, '(?:no le digas|no digas|no informes|não conte|não diga|não informe|non dire|non dirlo|non informare|non rivelare) ', gap(3), "(?:al |ao |all'|il |o |el )?(?:usuario|usuário|utente)", E),
      re(B, '(?:ignore[zr]?|oublie[zr]?)', E, ' ', gap(3), '(?:instructions|consignes|directives|règles)', E),
      re(B, "ne (?:dis|dites|dire|révèle|révélez|informe|informez) ", gap(2), "(?:à |a )?(?:l')?utilisateur", E),
      re(B, '(?:negeer|vergeet)', E, ' ', gap(3), '(?:instructies|aanwijzingen|regels|opdrachten)', E),
      re(B, '(?:vertel|zeg|meld)', E, ' ', gap(3), 'niet (?:aan )?', gap(1), 'gebruiker', E),
      re(B, '(?:zignoruj|ignoruj|zapomnij)', E, ' ', gap(4), '(?:instrukcje|polecenia|zasady)', E),
      re(B, 'nie mów ', gap(3), 'użytkownik', '\\p{L}{0,5}'),
      re('(?:忽略|无视|無視|忘记|忘掉)[^。\\n]{0,12}(?:指令|指示|提示|规则|規則)'),
      re('(?:不要|不得|别|請勿|请勿|切勿)(?:告诉|告知|通知|透露给|告訴)[^。\\n]{0,4}(?:用户|使用者|用戶)'),
      re('(?:指示|命令|ルール|プロンプト)[^。\\n]{0,8}(?:無視|忘れ)'),
      re('(?:ユーザー|利用者)[^。\\n]{0,8}(?:知らせない|伝えない|教えない|言わない)'),
      re('(?:игнорируй|игнорируйте|забудь|забудьте|проигнорируй)\\p{L}{0,2} ', gap(4), '(?:инструкци|указани|правил|команд)'),
      re('не (?:сообщай|сообщайте|говори|говорите|рассказывай|раскрывай)\\p{L}{0,3} ', gap(3), 'пользовател'),
      re('(?:지시|명령|규칙|지침)[^.\\n]{0,8}(?:무시|잊)'),
      re('(?:사용자)[^.\\n]{0,8}(?:알리지|말하지|전하지)'),
      re('(?:تجاهل|انس|تجاهلي) ', gap(3), '(?:التعليمات|الأوامر|القواعد)'),
      re('(?:لا تخبر|لا تقل|دون إخبار) ', gap(2), '(?:ال)?مستخدم'),
      re('(?:talimat|yönerge|kural|komut)\\p{L}{0,8} (?:yok say|unut|görmezden gel|dikkate alma)'),
      re('kullanıcıya ', gap(3), '(?:söyleme|bildirme|haber verme|anlatma)'),
      re('(?:निर्देश|आदेश|नियम)\\p{L}?\\p{M}{0,2}\\p{L}{0,3}\\p{M}{0,2} को (?:अनदेखा|नज़रअंदाज़|भूल)'),
      re('उपयोगकर्ता को ', gap(2), '(?:न बताएं|मत बताना|न बताए)'),
      re('उपयोगकर्ता को न बता'),
    ],
  },
];

/** What only code does: looked for in what was decoded, where it has no other reason to be. */
export const CODE: readonly Order[] = [
  {
    id: 'shell',
    says: 'runs code',
    patterns: [
      /\b(?:curl|wget|iwr|invoke-webrequest)\b[^\n]{0,200}\|\s{0,4}(?:sudo )?(?:sh|bash|zsh|python3?|node|perl|iex)\b/u,
      /\b(?:iex|invoke-expression|downloadstring|frombase64string|start-process)\b/u,
      /\brm -(?:rf|fr)\b|\bmkfifo\b|\/dev\/tcp\/|\bnc -e\b|\bchmod \+x\b|\bos\.system\(|\bsubprocess\.|\bchild_process\b/u,
      /<script\b|\bdocument\.cookie\b|\bon(?:error|load) ?=/u,
    ],
  },
];

export interface Found {
  readonly order: Order;
  /** Place in the reading that was looked at. */
  readonly index: number;
  readonly length: number;
}

/** The first of each kind of order in a folded text. */
export function ordersIn(folded: string, orders: readonly Order[] = ORDERS): Found[] {
  return orders.flatMap((order) => {
    for (const pattern of order.patterns) {
      const found = pattern.exec(folded);
      if (found && !isMention(folded, found.index)) return [{ order, index: found.index, length: found[0].length }];
    }
    return [];
  });
}

/** Tools that guard against injection speak of it: "detects prompts such as 'ignore previous instructions'". */
const SPEAKS_OF = /(?:^|[^\p{L}])(?:detect|detects|scan|scans|identif(?:y|ies)|flag|flags|analy[sz]e|analy[sz]es|explaining|explains|check|checks|classif(?:y|ies)|filters?)(?![\p{L}])[^.!?]{0,120}(?:injection|prompts?|phrases?|strings?|jailbreaks?|attacks?)(?![\p{L}])[^.!?]{0,60}$/u;

function isMention(folded: string, index: number): boolean {
  return SPEAKS_OF.test(folded.slice(Math.max(0, index - 200), index));
}
