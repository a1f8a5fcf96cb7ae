//! A real web server on a node: nginx, with a folder and configuration of its own.

use std::fs;
use std::path::Path;

use crate::error::LabError;
use crate::lab::Lab;
use crate::objects::Objects;
use crate::on::On;
use crate::run::Process;

/// An nginx. Dropping it ends it.
#[derive(Debug)]
pub struct Web {
    process: Process,
}

impl Web {
    pub(crate) fn start(on: &On<'_>, lab: &Lab, node: &str, objects: &Objects) -> Result<Self, LabError> {
        let dir = lab.dir().join(format!("web-{node}"));
        fs::create_dir(&dir).map_err(LabError::file(&dir))?;
        let file = dir.join("nginx.conf");
        fs::write(&file, configuration(node, &dir, objects.dir())).map_err(LabError::file(&file))?;
        let (errors, file) = (dir.join("error.log").display().to_string(), file.display().to_string());
        let prefix = dir.display().to_string();
        let process = on.spawn("nginx", ["nginx", "-p", &prefix, "-e", &errors, "-c", &file])?;
        let mut web = Self { process };
        let ask = ["curl", "--silent", "--fail", "--max-time", "2", "http://127.0.0.1/"];
        on.comes_up(&mut web.process, |_| Ok(on.run(ask)?.status.success()))?;
        Ok(web)
    }

    /// Ends it.
    ///
    /// # Errors
    /// It does not end, or with a status that is not 0.
    pub fn stop(self) -> Result<(), LabError> {
        self.process.stop()
    }
}

/// One process, nothing outside `dir`, no log of what was asked.
fn configuration(name: &str, dir: &Path, objects: &Path) -> String {
    let (dir, objects) = (dir.display(), objects.display());
    format!(
        "daemon off;
user root;
worker_processes 1;
pid {dir}/nginx.pid;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    default_type application/octet-stream;
    client_body_temp_path {dir}/body;
    fastcgi_temp_path {dir}/fastcgi;
    proxy_temp_path {dir}/proxy;
    scgi_temp_path {dir}/scgi;
    uwsgi_temp_path {dir}/uwsgi;
    server {{
        listen 0.0.0.0:80 backlog=4096;
        root {objects};
        location = / {{ default_type text/plain; return 200 \"{name}\\n\"; }}
    }}
}}
"
    )
}
