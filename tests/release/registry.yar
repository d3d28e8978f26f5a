/* What the Comfy registry's scanner is known to report, from what publishers were told about their flagged versions.
   Any match flags a version, whatever its severity, and comments and other prose count too. The rules are written anew
   and are stricter than what was reported; tests/release/test_scan.py has an example of each. */

rule command_execution {
    strings:
        $module = "subprocess"
        $system = /\bos\.(system|popen|exec[lv]p?e?|spawn[lv]p?e?|startfile)\b/
        $shell = "shell=True"
        $encoder = /\b(ffmpeg|ffprobe)\s+-/
        $list = /\bcmd\s*=\s*\[/
    condition: any of them
}

rule environment {
    strings:
        $environ = "os.environ"
        $getenv = /\b(getenv|putenv|unsetenv)\b/
    condition: any of them
}

rule network {
    strings:
        $urllib = /\burllib\d?\.(request|error)\b/
        $urlopen = /\burl(open|retrieve)\b/
        $requests = /\b(import\s+requests|requests\.(get|post|put|patch|delete|head|request|Session)\b)/
        $client = /\b(aiohttp\.Client\w*|httpx|http\.client|ftplib|smtplib|paramiko|telnetlib)\b/
        $socket = /\b(import\s+socket|from\s+socket|socket\.\w+\s*\()/
        $hostname = /\bgethost(name|byname)\b/
        $connect = /\.connect\s*\(/
        $bind = /\.bind\s*\(/
        $send = /\.send(all)?\s*\(/
        $receive = /\.recv\s*\(/
        $browser = /\b(XMLHttpRequest|WebSocket|EventSource|sendBeacon)\b/
    condition: any of them
}

rule dynamic_execution {
    strings:
        $call = /(^|[^\w])(eval|exec|execfile)\s*\(/
        $import = "__import__"
        $function = /\bnew\s+Function\b/
        $compile = /(^|[^\w.])compile\s*\(/
        $timer = /\bset(Timeout|Interval)\s*\(\s*["'`]/
    condition: any of them
}

rule bytecode_and_imports {
    strings:
        $importlib = "importlib"
        $modules = "sys.modules"
        $marshal = /\bmarshal\b/
        $code = /\b(types\.CodeType|co_code)\b/
    condition: any of them
}

rule unpickling {
    strings:
        $load = /\b(c?[pP]ickle|dill|joblib|shelve|cloudpickle)\.(loads?|Unpickler)\b/
        $yaml = /\byaml\.(load|unsafe_load|full_load)\b/
    condition: any of them
}

rule obfuscation {
    strings:
        $base64 = /\b(b64decode|b64encode|base64)\b/
        $atob = /\b(atob|unescape|fromCharCode)\s*\(/
        $codecs = /\bcodecs\.(decode|encode)\s*\(/
        $hex = /(\\x[0-9a-fA-F]{2}){24}/
    condition: any of them
}

rule databases_and_credentials {
    strings:
        $database = /\b(sqlite3|psycopg2?|pymysql|MySQLdb|pymongo|sqlalchemy)\b/
        $cryptography = /\b(import|from)\s+(cryptography|Crypto|nacl)\b/
        $token = "auth_token_comfy_org"
        $secret = /\b(HF_TOKEN|HUGGING_FACE_HUB_TOKEN|AWS_SECRET_ACCESS_KEY|api_key_comfy_org)\b/
        $key = /-----BEGIN [A-Z ]*PRIVATE KEY-----/
        $cookie = /\bdocument\.cookie\b/
    condition: any of them
}

rule sensitive_files {
    strings:
        $whole = /\.read_(bytes|text)\s*\(/
        $system = /\/etc\/(passwd|shadow)|\.ssh\/|\.aws\//
    condition: any of them
}

rule processes_and_privileges {
    strings:
        $ctypes = /\b(ctypes|cffi)\b/
        $windows = /\b(kernel32|OpenProcess|VirtualAlloc|winreg)\b/
        $privilege = /\b(sudo|setuid|chmod\s+\+x)\b/
    condition: any of them
}

rule packages_from_addresses {
    strings:
        $pip = /\bpip[3]?["', ]+(install)?["', ]*(git\+|https?:)/
        $wheel = /@\s*https?:\/\/\S+\.whl/
        $index = /--(extra-)?index-url/
        $raw = /raw\.githubusercontent\.com/
        $credentials = /https?:\/\/[^\/@\s"'`]+:[^\/@\s"'`]+@/
    condition: any of them
}

/* A rule of a public collection, which asks no more than that both words are in one file. */
rule svg_with_handlers {
    strings:
        $svg = "svg" nocase
        $onload = "onload" nocase
        $onerror = "onerror" nocase
    condition: $svg and ($onload or $onerror)
}

rule markup_from_text {
    strings:
        $html = /\b(inner|outer)HTML\b/
        $insert = /\b(insertAdjacentHTML|document\.write)\b/
    condition: any of them
}
